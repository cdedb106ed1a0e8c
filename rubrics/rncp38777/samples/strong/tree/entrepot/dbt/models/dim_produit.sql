select row_number() over (order by produit) as id, produit as nom
from (select distinct produit from {{ source('brut', 'commandes_jour') }}) as produits
