"""API de mise à disposition des données de qualité de l'air."""
