-- Grain: name: the offering that a text means at as_of; what has no alias is `unmapped:<folded name>`.
select review_month, name, max(offering_key) as offering_key, bool_or(is_mapped) as is_mapped
from {{ ref('int_name_seen') }}
group by review_month, name
