-- Grain: offering that no collection can give a right to: a collection itself, and what `offerings` says is neither a
-- named-user product nor a cloud service.
-- A product without a licence metric counts as named-user.
select review_month, collection_key as offering_key from {{ ref('int_collection') }}
union
select review_month, offering_key
from {{ source('reference', 'offerings') }}
where not ({{ fold('kind') }} = 'cloud' or ({{ fold('kind') }} = 'product'
    and coalesce({{ fold('licence_metric') }}, 'named_user') = 'named_user'))
