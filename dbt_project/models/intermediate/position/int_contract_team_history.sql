{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ replace_months() }}") }}
-- Grain: (review_month, contract, team, offering): which teams had a row of an offering under a contract, in force or not, in this and in earlier months.
-- Kept over runs, with the names of its month, as the position of that month has them (ENT-07).
select distinct review_month, contract_number, team_alias, offering_key
from {{ ref('int_subscription') }}
where contract_number is not null
