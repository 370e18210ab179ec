-- Grain: (review_month, contract, team, offering): which teams had a row of an offering under a contract, in force or
-- not, in this and in earlier months, with the team's position then.
-- Kept over runs, with the names of its month (ENT-07); each month once, without its variants.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    full_refresh=false, pre_hook="{{ replace_months() }}") }}
select s.review_month, s.contract_number, s.team_alias, s.offering_key, p.assigned, p.entitled
from (
    select distinct review_month, contract_number, team_alias, offering_key from {{ ref('int_subscription') }}
        where contract_number is not null and not {{ is_variant('review_month') }}
) as s
inner join {{ ref('int_position') }} as p using (review_month, team_alias, offering_key)
