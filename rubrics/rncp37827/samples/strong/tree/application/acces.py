"""Connexion et rôles de l'application."""

from collections.abc import Callable
from functools import wraps

from flask import abort, redirect, session, url_for


def connexion_requise(vue: Callable) -> Callable:
    """Renvoie à la page de connexion qui n'est pas connecté."""

    @wraps(vue)
    def gardee(*args, **kwargs):
        if "jeton" not in session:
            return redirect(url_for("connexion"))
        return vue(*args, **kwargs)

    return gardee


def reserve_aux_agents(vue: Callable) -> Callable:
    """Refuse la page à qui n'est pas agent de la ville."""

    @wraps(vue)
    def gardee(*args, **kwargs):
        if session.get("role") != "agent":
            abort(403)
        return vue(*args, **kwargs)

    return gardee
