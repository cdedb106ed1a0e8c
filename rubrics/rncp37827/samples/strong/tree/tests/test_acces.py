def connecter(client, role):
    with client.session_transaction() as session:
        session["jeton"] = "jeton"
        session["role"] = role


def test_la_carte_demande_une_connexion(client_web):
    reponse = client_web.get("/")
    assert reponse.status_code == 302
    assert reponse.location == "/connexion"


def test_un_habitant_n_entre_pas_dans_le_suivi(client_web):
    connecter(client_web, "habitant")
    assert client_web.get("/suivi").status_code == 403


def test_un_agent_entre_dans_le_suivi(client_web, monkeypatch):
    monkeypatch.setattr("application.appels.lire_depassements", lambda *_: [])
    connecter(client_web, "agent")
    assert client_web.get("/suivi").status_code == 200


def test_la_deconnexion_ferme_la_session(client_web):
    connecter(client_web, "habitant")
    client_web.post("/deconnexion")
    assert client_web.get("/prevision").status_code == 302
