-- LRT-01: a version above the right held. Grain: (offering, person); scope = version. Of several limits the greatest is
-- shown.
with above as (
    select l.*,
        case when l.release > v.newest_covered then v.newest_covered end as covered_limit,
        case when l.licence_claim in ('perpetual', 'network') and l.release > p.release then p.release
            end as perpetual_limit
    from {{ ref('int_lrt_event') }} as l
    left join {{ source('reference', 'version_support') }} as v
        on v.review_month = l.review_month and v.offering_key = l.offering_key and v.valid_from <= l.day
            and l.day <= v.valid_to
    left join {{ ref('int_perpetual') }} as p on p.review_month = l.review_month and p.offering_key = l.offering_key
    where l.release is not null
        and (coalesce(l.licence_claim not in ('perpetual', 'network'), true)
            or {{ concluded('LRT-01', 'l', 'perpetual') }})
),
limited as (
    select a.*, greatest(coalesce(a.covered_limit, a.perpetual_limit), coalesce(a.perpetual_limit, a.covered_limit))
        as release_limit
    from above as a
),
found as (
    select
        a.review_month, a.offering_key, a.person_key, {{ trimmed('a.version') }} as scope,
        max(a.release) as observed, max(a.release_limit) as threshold,
        'critical' as severity, 'remove_version' as recommended_action,
        {{ evidence_and_count('a.src') }},
        'Version ' || {{ trimmed('a.version') }} || ' was used on ' || {{ counted('count(distinct a.day)', 'day') }}
            || ', last on ' || max(a.day) || '; the right ends at ' || max(a.release_limit) || '.' as detail
    from limited as a
    where a.release_limit is not null
    group by a.review_month, a.offering_key, a.person_key, {{ trimmed('a.version') }}
)
select {{ finding('LRT-01', ['offering_key', 'person_key', 'scope', 'evidence_count']) }}
from found
