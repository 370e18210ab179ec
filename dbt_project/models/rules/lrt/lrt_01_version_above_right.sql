-- LRT-01: a version above the right held. Grain: (offering, person); scope = version. Of several limits the greatest is
-- shown.
with perpetual as (
    select p.review_month, o.offering_key, max({{ leading_integer('p.version') }}) as release
    from {{ ref('stg_outside__perpetual_licences') }} as p
    inner join {{ ref('int_offering_name') }} as o on o.review_month = p.review_month and o.name = p.offering_name
    group by p.review_month, o.offering_key
),
above as (
    select l.*,
        case when l.release > v.newest_covered then v.newest_covered end as covered_limit,
        case when l.licence_claim in ('perpetual', 'network') and l.release > p.release then p.release
            end as perpetual_limit
    from {{ ref('int_lrt_event') }} as l
    left join {{ source('reference', 'version_support') }} as v
        on v.review_month = l.review_month and v.offering_key = l.offering_key and v.valid_from <= l.day
            and l.day <= v.valid_to
    left join perpetual as p on p.review_month = l.review_month and p.offering_key = l.offering_key
    where l.release is not null
        and (coalesce(l.licence_claim not in ('perpetual', 'network'), true)
            or {{ concluded('LRT-01', 'l', 'perpetual') }})
)
select
    {{ finding(
        'LRT-01', observed='max(a.release)',
            threshold='max(greatest(coalesce(a.covered_limit, a.perpetual_limit), '
            ~ 'coalesce(a.perpetual_limit, a.covered_limit)))',
        review_month='a.review_month', offering='a.offering_key', person='a.person_key', scope=trimmed('a.version'),
            severity="'critical'",
        recommended_action="'remove_version'", evidence=evidence('a.src'), evidence_count='count(*)',
        detail="'Version ' || " ~ trimmed('a.version') ~ " || ' was used on ' || "
            ~ counted("count(distinct a.day)", "day")
            ~ " || ', last on ' || max(a.day) || '; the right ends at ' ||
            max(greatest(coalesce(a.covered_limit, a.perpetual_limit),
            coalesce(a.perpetual_limit, a.covered_limit))) || '.'"
    ) }}
from above as a
where a.covered_limit is not null or a.perpetual_limit is not null
group by a.review_month, a.offering_key, a.person_key, {{ trimmed('a.version') }}
