CREATE TABLE dim_marche (
    id SERIAL PRIMARY KEY,
    nom TEXT NOT NULL UNIQUE
);

CREATE TABLE dim_produit (
    id SERIAL PRIMARY KEY,
    nom TEXT NOT NULL UNIQUE,
    famille TEXT NOT NULL
);

CREATE TABLE dim_jour (
    jour DATE PRIMARY KEY,
    semaine INTEGER NOT NULL,
    ferie BOOLEAN NOT NULL
);

CREATE TABLE fact_arrivage (
    jour DATE NOT NULL REFERENCES dim_jour (jour),
    marche INTEGER NOT NULL REFERENCES dim_marche (id),
    produit INTEGER NOT NULL REFERENCES dim_produit (id),
    poids NUMERIC NOT NULL CHECK (poids > 0),
    PRIMARY KEY (jour, marche, produit)
) PARTITION BY RANGE (jour);

CREATE INDEX fact_arrivage_produit ON fact_arrivage (produit, jour);

CREATE ROLE lecture NOLOGIN;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO lecture;
