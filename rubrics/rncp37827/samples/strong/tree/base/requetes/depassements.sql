-- But : mesures au-dessus du seuil réglementaire, avec les abonnés à prévenir.
-- Jointure externe sur abonnement : un dépassement sans abonné reste dans la liste publique.
-- Condition sur le seuil : il est dans la table polluant, pas dans le code.
SELECT s.nom AS station, p.libelle AS polluant, m.valeur, p.seuil, m.releve_le, COUNT(a.abonne_id) AS abonnes
FROM mesure AS m
INNER JOIN polluant AS p ON p.code = m.polluant_code
INNER JOIN station AS s ON s.code = m.station_code
LEFT JOIN abonnement AS a ON a.quartier_id = s.quartier_id AND a.polluant_code = p.code
WHERE m.valeur > p.seuil AND m.releve_le >= :depuis
GROUP BY s.nom, p.libelle, m.valeur, p.seuil, m.releve_le
ORDER BY m.releve_le DESC;
