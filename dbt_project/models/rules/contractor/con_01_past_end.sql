-- CON-01: a contractor whose engagement has ended holds a seat. Grain: (team, offering, person).
select
    {{ finding(
        'CON-01', observed=days_between('a.as_of', 'p.contractor_end'), threshold='0', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', exposure='a.price',
            currency='a.currency', price_basis='a.price_basis',
        severity="'critical'", route='a.routes', recommended_action="case when a.has_group_route then 'edit_group'
            else 'unassign' end",
        evidence=evidence_with('a.evidence', 'p.contractor_src'), days_12m='a.days_12m',
        detail="'The engagement ended on ' || p.contractor_end || '; the seat is still assigned.'"
    ) }}
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
where p.is_contractor and p.contractor_end < a.as_of
