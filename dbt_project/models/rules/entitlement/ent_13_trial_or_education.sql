-- ENT-13: trial or education licences in the company's hands. Grain: (offering, person or device); scope = trial or
-- education.
select
    {{ finding(
        'ENT-13', observed="count(distinct c.unit || '|' || c.unit_key)", threshold='0', review_month='c.review_month',
            offering='c.offering_key',
        person='c.subject', scope='c.kind', severity="'critical'", recommended_action="'replace_by_paid_licence'",
        evidence=evidence('c.src'), evidence_count='count(*)',
        detail="'A licence of the kind ' || c.kind || ' was '
            || concat_ws(' and ', case when max(case when c.unit = 'day' then 1 end) = 1 then 'claimed on '
            || count(distinct case when c.unit = 'day' then c.unit_key end) || ' days' end, case
            when max(case when c.unit = 'installation' then 1 end) = 1 then 'found installed, in '
            || count(distinct case when c.unit = 'installation' then c.unit_key end) || ' installations' end) || '.'"
    ) }}
from {{ ref('int_unpaid_claim') }} as c
group by c.review_month, c.offering_key, c.subject, c.kind
