"""L'application face aux deux API : chaque point de terminaison utilisé."""

import pytest
import responses

from application import appels

DONNEES = "http://donnees.test"
MODELE = "http://modele.test"


def connecter(client, role="habitant"):
    with client.session_transaction() as session:
        session["jeton"] = "jeton"
        session["role"] = role


@responses.activate
def test_la_connexion_ouvre_une_session(client_web):
    responses.post(f"{DONNEES}/token", json={"access_token": "jeton", "role": "agent"})
    client_web.post("/connexion", data={"email": "a@example.org", "mot_de_passe": "secret"})
    with client_web.session_transaction() as session:
        assert session["role"] == "agent"


@responses.activate
def test_des_identifiants_faux_sont_annonces(client_web):
    responses.post(f"{DONNEES}/token", status=401)
    reponse = client_web.post("/connexion", data={"email": "a@example.org", "mot_de_passe": "faux"})
    assert "Adresse ou mot de passe faux" in reponse.text


@responses.activate
def test_la_carte_montre_les_moyennes(client_web):
    responses.get(f"{DONNEES}/moyennes", json=[{"quartier": "Centre", "polluant": "no2", "moyenne": 31.46, "releves": 24}])
    responses.get(f"{DONNEES}/stations", json=[])
    connecter(client_web)
    assert "31.5" in client_web.get("/").text


@responses.activate
def test_un_jeton_expire_ramene_a_la_connexion(client_web):
    responses.get(f"{DONNEES}/moyennes", status=401)
    connecter(client_web)
    reponse = client_web.get("/")
    assert reponse.status_code == 302
    assert reponse.location == "/connexion?message=expire"


@responses.activate
def test_la_prevision_vient_de_l_api_du_modele(client_web):
    responses.post(f"{MODELE}/prevision", json={"no2": 95.2})
    connecter(client_web)
    reponse = client_web.post("/prevision", data={"valeur": "80", "heure": "8", "vehicules": "900"})
    assert "indice mauvais" in reponse.text
    assert responses.calls[0].request.headers["X-API-Key"] == "cle-de-test"


@responses.activate
def test_l_agent_verifie_une_prevision(client_web):
    responses.post(f"{MODELE}/verification", json={"ecart": 5.5})
    responses.get(f"{DONNEES}/depassements", json=[])
    connecter(client_web, "agent")
    assert "5.5" in client_web.post("/suivi", data={"prevu": "40", "mesure": "34.5"}).text


@responses.activate
def test_un_jeton_expire_est_reconnu():
    responses.get(f"{DONNEES}/stations", status=401)
    with pytest.raises(appels.AccesExpire):
        appels.lire_stations("perime")
