from pathlib import Path

import pytest
import requests
import responses

from extraction.fichier_stations import extraire_stations
from extraction.page_bulletins import lire_bulletins
from extraction.service_mesures import extraire_mesures

URL = "https://mesures.example.org/v1/mesures"


@responses.activate
def test_toutes_les_pages_sont_rapportees():
    une = {"station": "VB01", "polluant": "NO2", "valeur": 31.5, "releve_le": "2026-02-01T08:00:00Z"}
    responses.get(URL, json={"mesures": [une], "suite": True})
    responses.get(URL, json={"mesures": [une], "suite": False})
    assert len(extraire_mesures(requests.Session(), "2026-02-01", URL, 5)) == 2


@responses.activate
def test_un_service_en_panne_arrete_l_extraction():
    responses.get(URL, status=500)
    with pytest.raises(requests.HTTPError):
        extraire_mesures(requests.Session(), "2026-02-01", URL, 5)


def test_un_bulletin_incomplet_est_laisse():
    page = (
        "<table class='bulletins'><tbody><tr><td>2026-02-01</td><td>PM10</td><td>alerte</td></tr>"
        "<tr><td>2026-02-02</td></tr></tbody></table>"
    )
    assert lire_bulletins(page).to_dict("records") == [{"jour": "2026-02-01", "polluant": "PM10", "niveau": "alerte"}]


def test_les_stations_de_la_ville_sont_lues():
    assert list(extraire_stations(Path("donnees/stations.csv"))["station"]) == ["VB01", "VB02", "VB03"]
