-- Modèle physique de la base « air » (PostgreSQL 16).
CREATE TABLE quartier (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nom VARCHAR(80) NOT NULL UNIQUE
);

CREATE TABLE station (
    code VARCHAR(8) PRIMARY KEY,
    nom VARCHAR(120) NOT NULL,
    latitude NUMERIC(8, 5) NOT NULL,
    longitude NUMERIC(8, 5) NOT NULL,
    quartier_id INTEGER NOT NULL REFERENCES quartier (id)
);

CREATE TABLE polluant (
    code VARCHAR(8) PRIMARY KEY,
    libelle VARCHAR(60) NOT NULL,
    seuil NUMERIC(7, 2) NOT NULL
);

CREATE TABLE mesure (
    station_code VARCHAR(8) NOT NULL REFERENCES station (code),
    polluant_code VARCHAR(8) NOT NULL REFERENCES polluant (code),
    releve_le TIMESTAMP WITH TIME ZONE NOT NULL,
    valeur NUMERIC(7, 2) NOT NULL CHECK (valeur >= 0),
    vehicules INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (station_code, polluant_code, releve_le)
);

CREATE TABLE abonne (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email VARCHAR(254) NOT NULL UNIQUE,
    mot_de_passe VARCHAR(200) NOT NULL,
    role VARCHAR(20) NOT NULL DEFAULT 'habitant',
    derniere_connexion DATE NOT NULL DEFAULT CURRENT_DATE
);

CREATE TABLE abonnement (
    abonne_id INTEGER NOT NULL REFERENCES abonne (id) ON DELETE CASCADE,
    quartier_id INTEGER NOT NULL REFERENCES quartier (id),
    polluant_code VARCHAR(8) NOT NULL REFERENCES polluant (code),
    PRIMARY KEY (abonne_id, quartier_id, polluant_code)
);

-- La moyenne d'un jour filtre toujours sur la date : l'index évite de lire toute la table.
CREATE INDEX mesure_par_date ON mesure (releve_le);
-- La jointure station → quartier est faite par chaque requête de l'API.
CREATE INDEX station_par_quartier ON station (quartier_id);
