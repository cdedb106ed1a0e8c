"""Pages de l'application."""

import logging
import os
from datetime import date, timedelta

from flask import Flask, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from application import appels
from application.acces import connexion_requise, reserve_aux_agents
from application.conseils import conseil, indice
from application.journaux import configurer
from application.metriques import brancher

journal = logging.getLogger(__name__)


def creer_application() -> Flask:
    """Assemble l'application."""
    configurer()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ["CLE_SESSION"],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=30),
    )
    CSRFProtect(app)
    brancher(app)

    @app.errorhandler(appels.AccesExpire)
    def reconnecter(_: appels.AccesExpire) -> Response:
        session.clear()
        return redirect(url_for("connexion", message="expire"))

    @app.route("/connexion", methods=["GET", "POST"])
    def connexion() -> str | Response:
        if request.method == "POST":
            acces = appels.demander_jeton(request.form["email"], request.form["mot_de_passe"])
            if acces is None:
                journal.warning("Connexion refusée")
                return render_template("connexion.html", erreur="Adresse ou mot de passe faux")
            session["jeton"], session["role"] = acces
            journal.info("Connexion acceptée, rôle %s", session["role"])
            return redirect(url_for("carte"))
        return render_template("connexion.html", erreur=None)

    @app.post("/deconnexion")
    def deconnexion() -> Response:
        session.clear()
        return redirect(url_for("connexion"))

    @app.get("/")
    @connexion_requise
    def carte() -> str:
        hier = date.today() - timedelta(days=1)
        lignes = appels.lire_moyennes(session["jeton"], hier.isoformat(), date.today().isoformat())
        return render_template("carte.html", moyennes=lignes, stations=appels.lire_stations(session["jeton"]))

    @app.route("/prevision", methods=["GET", "POST"])
    @connexion_requise
    def prevision() -> str:
        if request.method == "GET":
            return render_template("prevision.html", resultat=None)
        no2 = appels.prevoir(
            float(request.form["valeur"]), int(request.form["heure"]), int(request.form["vehicules"])
        )
        fragile = request.form.get("fragile") == "oui"
        return render_template("prevision.html", resultat=round(no2, 1), indice=indice(no2), conseil=conseil(no2, fragile))

    @app.route("/suivi", methods=["GET", "POST"])
    @connexion_requise
    @reserve_aux_agents
    def suivi() -> str:
        ecart = None
        if request.method == "POST":
            ecart = appels.verifier(float(request.form["prevu"]), float(request.form["mesure"]))
        depuis = (date.today() - timedelta(days=7)).isoformat()
        return render_template("suivi.html", lignes=appels.lire_depassements(session["jeton"], depuis), ecart=ecart)

    return app
