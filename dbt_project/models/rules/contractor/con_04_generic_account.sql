-- CON-04: a seat on a generic account: its local part begins with one of the patterns, and no HR record matches. Grain:
-- (team, offering, person).
with given as (
    select o.review_month, o.offering_key, {{ param_text_for('CON-04', 'pattern', 'o', 'o.offering_key') }} as patterns
    from (select distinct review_month, offering_key from {{ ref('int_assignment') }}) as o
),
pattern as (
    select review_month, offering_key, {{ split_rows('patterns', trimmed=true) }} as pattern from given
)
select distinct
    {{ finding(
        'CON-04', observed='1', threshold='0', excess='1', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', exposure='a.price',
            currency='a.currency', price_basis='a.price_basis',
        severity="'high'", route='a.routes', recommended_action="'review'", evidence='a.evidence',
            days_12m='a.days_12m',
        detail="'The account ' || p.local_part || ' reads like a shared one, and no HR record belongs to it.'"
    ) }}
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
inner join pattern as x on x.review_month = a.review_month and x.offering_key = a.offering_key and x.pattern <> ''
    and left(p.local_part, length(x.pattern)) = {{ lower_case('x.pattern') }}
where p.hr_src is null and {{ concluded_of('CON-04', 'a') }}
    and not exists (
        select 1 from {{ ref('int_input_joinable') }} as j
        where j.review_month = a.review_month and j.input = 'hr_workers' and j.domain = p.domain and not j.is_joinable)
