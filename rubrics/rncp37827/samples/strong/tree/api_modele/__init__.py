"""API qui expose le modèle de prévision."""
