-- ENT-13: trial or education licences in the company's hands. Grain: (offering, person or device); scope = trial or
-- education.
with found as (
    select
        c.review_month, c.offering_key, c.subject as person_key, c.kind as scope,
        count(distinct c.unit || '|' || c.unit_key) as observed, 0 as threshold,
        'critical' as severity, 'replace_by_paid_licence' as recommended_action,
        {{ evidence_and_count('c.src') }},
        'A licence of the kind ' || c.kind || ' was ' || concat_ws(
            ' and ',
            'claimed on ' || nullif(count(distinct case when c.unit = 'day' then c.unit_key end), 0) || ' days',
            'found installed, in ' || nullif(count(distinct case when c.unit = 'installation' then c.unit_key end), 0)
            || ' installations') || '.' as detail
    from {{ ref('int_unpaid_claim') }} as c
    group by c.review_month, c.offering_key, c.subject, c.kind
)
select {{ finding('ENT-13', ['offering_key', 'person_key', 'scope', 'evidence_count']) }}
from found
