-- Grain: row of perpetual_licences of drop(M), with the serial number as it is compared.
{{ config(materialized='view') }}
select p.review_month, {{ serial_key('p.serial_number') }} as serial_key, p.src
from {{ ref('stg_outside__perpetual_licences') }} as p
