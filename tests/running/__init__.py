"""Hostile repositories, run for real in both sandboxes."""
