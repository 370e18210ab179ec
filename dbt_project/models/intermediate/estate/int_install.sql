-- Grain: row of device_inventory of drop(M) that is Autodesk's (or names no publisher): device, offering, release,
-- person. One installation makes several entries: an offering is found by the whole name, or by what stands before the
-- release where only a language follows; what else the installer writes (language packs, object enablers) finds none.
-- The release is the year in the name, else the leading integer of the version.
with named as (
    select
        d.review_month, d.device_id, {{ lower_case(trimmed('d.device_id')) }} as device_key,
        d.product_display_name, d.version,
            d.user_email,
        d.last_seen_at, {{ fold('d.licence_class') }} as licence_class, d.src,
        {{ fold('d.product_display_name') }} as whole,
        {{ fold(before_release('d.product_display_name')) }} as before_release,
        coalesce({{ release_in_name('d.product_display_name') }}, {{ leading_integer('d.version') }}) as release
    from {{ ref('stg_outside__device_inventory') }} as d
    where d.publisher is null or {{ lower_case('d.publisher') }} like '%autodesk%'
),
alias as (
    select a.review_month, a.alias, a.offering_key
    from {{ source('reference', 'product_aliases') }} as a
    inner join {{ ref('int_month') }} as m on m.review_month = a.review_month and a.valid_from <= m.as_of
        and m.as_of <= a.valid_to
)
select
    n.review_month, n.device_id, n.device_key, n.product_display_name, n.version, n.release, n.licence_class,
        n.last_seen_at,
    coalesce(w.offering_key, b.offering_key, p.offering_key, 'unmapped:' || n.whole) as offering_key,
    coalesce(w.offering_key, b.offering_key, p.offering_key) is not null as is_mapped,
    case when n.user_email is not null then {{ person_key('n', email='user_email') }} end as person_key,
    n.src
from named as n
left join alias as w on w.review_month = n.review_month and w.alias = n.whole
left join alias as b on b.review_month = n.review_month and b.alias = n.before_release
left join alias as p on p.review_month = n.review_month and p.alias = regexp_replace(n.before_release, '^autodesk_', '')
{{ person_joins('n', email='user_email') }}
