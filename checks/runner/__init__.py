"""Runs one step of a submission (tests, a server, a schema, mutants) inside the run sandbox: standard library only."""
