-- CON-04: a seat on a generic account: its local part begins with one of the patterns, and no HR record matches. Grain:
-- (team, offering, person).
with given as (
    select o.review_month, o.offering_key, {{ param_text_for('CON-04', 'pattern', 'o', 'o.offering_key') }} as patterns
    from (select distinct review_month, offering_key from {{ ref('int_assignment') }}) as o
),
pattern as (
    select review_month, offering_key, {{ split_rows('patterns', trimmed=true) }} as pattern from given
),
found as (
    select distinct
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        1 as observed, 0 as threshold, a.price as exposure, a.currency, a.price_basis,
        'high' as severity, 'review' as recommended_action, a.routes as route, a.evidence, a.days_12m,
        'The account ' || p.local_part || ' reads like a shared one, and no HR record belongs to it.' as detail
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    inner join pattern as x on x.review_month = a.review_month and x.offering_key = a.offering_key and x.pattern <> ''
        and left(p.local_part, length(x.pattern)) = {{ lower_case('x.pattern') }}
    where p.hr_src is null and {{ concluded_of('CON-04', 'a') }}
        and not exists (
            select 1 from {{ ref('int_input_joinable') }} as j
            where j.review_month = a.review_month and j.input = 'hr_workers' and j.domain = p.domain
                and not j.is_joinable)
)
select {{ finding('CON-04', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
