-- Grain: (what a row says of its person): an address that is an alias, or 'hash:' + a hash that belongs to exactly one
-- person. What is not here is a person as it stands.
{{ config(materialized='view') }}
select review_month, alias_email as said, email as person_key
from {{ source('reference', 'person_aliases') }}
union all
select review_month, 'hash:' || hash as said, person_key
from {{ ref('int_person_hash') }}
