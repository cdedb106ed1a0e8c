"""Surveillance : configuration et essai."""
