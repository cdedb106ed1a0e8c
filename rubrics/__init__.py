"""Data: one folder a certification, and the lexicons they share."""
