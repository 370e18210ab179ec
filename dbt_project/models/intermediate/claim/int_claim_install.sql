-- Grain: (line of the claims, row of the company's own lists of what is installed on its device, of its product). The
-- entry of a later month says nothing of an earlier one. Lines that cannot be judged have none.
with claim as (
    {{ claims_to_judge() }}
)
select distinct
    c.review_month, c.claim_src, r._drop as drop_month, r._src as src,
    cast(coalesce(r.last_seen_at, {{ month_end('r._drop') }}) as date) as day,
    case when r.user_email is not null then {{ person_key('r', email='user_email') }} end as person_key,
    coalesce({{ release_in_name('r.product_display_name') }}, {{ year_of_version('r.version') }}) as release,
    c.release as claimed_release
from claim as c
inner join {{ source('raw', 'device_inventory') }} as r
    on {{ device_key('r.device_id') }} = c.device_key and r._drop <= c.drop_month
        and r._drop >= {{ month_text('c.period_from') }} and r._drop <= {{ month_text('c.period_to') }}
inner join {{ source('reference', 'product_aliases') }} as a
    on a.review_month = c.review_month and a.offering_key = c.offering_key and a.valid_from <= c.as_of
        and c.as_of <= a.valid_to
        and a.alias in ({{ fold('r.product_display_name') }}, {{ fold(before_release('r.product_display_name')) }},
            regexp_replace({{ fold(before_release('r.product_display_name')) }}, '^autodesk_', ''))
left join {{ source('reference', 'person_aliases') }} as alias_ on alias_.review_month = c.review_month
    and alias_.alias_email = r.user_email
where c.device_key is not null and (r.publisher is null or {{ lower_case('r.publisher') }} like '%autodesk%')
