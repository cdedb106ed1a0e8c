import pandas as pd

from qualite.controles import separer


def test_les_lignes_impossibles_vont_en_quarantaine():
    commandes = pd.DataFrame(
        {
            "marche": ["Nord", "Nord", "Sud"],
            "produit": ["pomme", "poire", "pomme"],
            "jour": pd.to_datetime(["2026-01-05"] * 3),
            "poids": [120.0, -4.0, 80.0],
        }
    )
    valides, refusees = separer(commandes)
    assert list(valides["poids"]) == [120.0, 80.0]
    assert list(refusees["produit"]) == ["poire"]
