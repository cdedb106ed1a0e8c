-- But : moyenne de chaque polluant par quartier, sur une période, pour la carte de l'application.
-- Sélection : seulement les colonnes affichées ; AVG car une station mesure chaque heure.
-- Jointures internes : une mesure sans station connue n'a pas de quartier, elle est écartée.
-- Filtre : bornes de dates sans fonction sur la colonne, pour que l'index mesure_par_date serve.
SELECT q.nom AS quartier, m.polluant_code AS polluant, AVG(m.valeur) AS moyenne, COUNT(*) AS releves
FROM mesure AS m
INNER JOIN station AS s ON s.code = m.station_code
INNER JOIN quartier AS q ON q.id = s.quartier_id
WHERE m.releve_le >= :debut AND m.releve_le < :fin
GROUP BY q.nom, m.polluant_code
ORDER BY q.nom, m.polluant_code;
