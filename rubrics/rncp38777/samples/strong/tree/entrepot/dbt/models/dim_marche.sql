select row_number() over (order by marche) as id, marche as nom
from (select distinct marche from {{ source('brut', 'commandes_jour') }}) as marches
