-- Grain: (row of a state input of drop(M), column): optional cells in which something stood that could not be read.
{{ config(materialized='view') }}
select m.review_month, u.column_name, u.src
from {{ ref('int_month') }} as m
inner join {{ source('raw', 'unread_row') }} as u on u.drop = {{ drop_month('m.review_month') }}
