from types import SimpleNamespace

import pytest

from application.bulletin import rediger

MOYENNES = [{"quartier": "Centre", "polluant": "no2", "moyenne": 31.46}]


class ServiceConnu:
    """Un service qui garde la demande et rend un texte connu."""

    def __init__(self, texte):
        self.texte = texte
        self.chat = self

    def complete(self, **demande):
        self.demande = demande
        choix = SimpleNamespace(message=SimpleNamespace(content=self.texte))
        return SimpleNamespace(choices=[choix], usage=SimpleNamespace(total_tokens=80))


def test_le_tableau_est_envoye_sans_donnee_personnelle():
    service = ServiceConnu("L'air est bon.")
    assert rediger(service, MOYENNES) == "L'air est bon."
    assert service.demande["messages"][0]["content"].endswith("Centre ; no2 ; 31.5")


def test_une_reponse_vide_est_une_erreur():
    with pytest.raises(ValueError, match="vide"):
        rediger(ServiceConnu("  "), MOYENNES)
