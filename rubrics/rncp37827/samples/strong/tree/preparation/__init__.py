"""Nettoyage et agrégation des données extraites."""
