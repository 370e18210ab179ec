-- Grain: device that the inventory of any drop names, whatever is installed on it.
{{ config(materialized='view') }}
select m.review_month, d.device_key
from (select distinct {{ device_key('device_id') }} as device_key from {{ source('raw', 'device_inventory') }}) as d
cross join {{ ref('int_month') }} as m
