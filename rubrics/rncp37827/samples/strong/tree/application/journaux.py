"""Règles de journalisation : connexions, refus et erreurs, jamais d'adresse ni de mot de passe."""

import logging.config
import os


def configurer() -> None:
    """Écrit les journaux sur la console et dans un fichier qui tourne chaque jour."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"ligne": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "ligne"},
                "fichier": {
                    "class": "logging.handlers.TimedRotatingFileHandler",
                    "filename": os.environ.get("JOURNAL", "application.log"),
                    "when": "midnight",
                    "backupCount": 30,
                    "formatter": "ligne",
                },
            },
            "root": {"level": "INFO", "handlers": ["console", "fichier"]},
        }
    )
