-- Grain: offering with perpetual licences: distinct devices whose installed release is unknown or not above the
-- greatest licensed one.
select
    p.review_month, p.offering_key, p.seats, p.release, p.is_subscribed,
    count(distinct i.device_key) as devices,
    count(i.src) as install_rows,
    {{ evidence('i.src') }} as evidence
from {{ ref('int_perpetual') }} as p
left join {{ ref('int_install') }} as i
    on i.review_month = p.review_month and i.offering_key = p.offering_key
        and (i.release is null or i.release <= p.release)
group by p.review_month, p.offering_key, p.seats, p.release, p.is_subscribed
