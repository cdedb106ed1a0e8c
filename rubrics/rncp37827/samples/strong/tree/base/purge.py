"""Efface les données personnelles périmées : `python -m base.purge`, lancé chaque nuit à 3 h."""

import logging
import os
from datetime import date, timedelta

from sqlalchemy import Connection, create_engine, text

journal = logging.getLogger(__name__)

CONSERVATION = timedelta(days=730)
EFFACER = text("DELETE FROM abonne WHERE derniere_connexion < :limite")


def purger(connexion: Connection, aujourdhui: date) -> int:
    """Efface les abonnés sans connexion depuis deux ans, et leurs abonnements par cascade."""
    return connexion.execute(EFFACER, {"limite": aujourdhui - CONSERVATION}).rowcount


def main() -> None:
    """Lance la purge et en garde la trace, sans aucun nom."""
    logging.basicConfig(level=logging.INFO)
    with create_engine(os.environ["BASE_AIR"]).begin() as connexion:
        journal.info("%d comptes effacés", purger(connexion, date.today()))


if __name__ == "__main__":
    main()
