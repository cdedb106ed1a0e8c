"""Extraction des données de qualité de l'air de la ville de Valbrume."""
