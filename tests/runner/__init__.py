"""Tests of what runs inside the run and prepare sandboxes."""
