-- Grain: (line of the claims, row of perpetual licences): licences of its offering whose release covers the one that it
-- names; a release without a number is covered. is_serial_met: the line names no serial number, or that of the licence.
{{ config(materialized='view') }}
select
    c.review_month, c.claim_src, p.seats, p.src,
    c.serial_key is null or coalesce({{ serial_key('p.serial_number') }} = c.serial_key, false) as is_serial_met
from {{ ref('int_claim') }} as c
inner join {{ ref('stg_outside__perpetual_licences') }} as p on p.review_month = c.review_month
inner join {{ ref('int_offering_name') }} as o on o.review_month = p.review_month and o.name = p.offering_name
    and o.offering_key = c.offering_key
where c.release is null or coalesce({{ leading_integer('p.version') }} >= c.release, true)
