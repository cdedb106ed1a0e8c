select c.jour, m.id as marche, p.id as produit, sum(c.poids) as poids
from {{ source('brut', 'commandes_jour') }} as c
join {{ ref('dim_marche') }} as m on m.nom = c.marche
join {{ ref('dim_produit') }} as p on p.nom = c.produit
group by c.jour, m.id, p.id
