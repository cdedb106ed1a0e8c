"""Modèle de prévision du dioxyde d'azote à l'heure suivante."""
