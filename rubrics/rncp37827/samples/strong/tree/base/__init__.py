"""Base de données : création, import et purge."""
