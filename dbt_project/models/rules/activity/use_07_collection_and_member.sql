-- USE-07: a person holds a collection and one of its members in the same team. Grain: (team, member, person,
-- collection).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key, d.collection_key as scope,
        2 as observed, 1 as threshold, a.price as exposure, a.currency, a.price_basis,
        'medium' as severity,
        case when a.has_group_route then 'edit_group' else 'unassign' end as recommended_action,
        a.routes as route, {{ evidence_with('a.evidence', 'c.src') }} as evidence,
        a.price as amount_now, case when a.price is not null then 0 end as amount_alternative, a.days_12m,
        'Holds ' || {{ readable_name('d.collection_key') }} || ', which includes '
            || {{ readable_name('a.offering_key') }} || ', and a seat on ' || {{ readable_name('a.offering_key') }}
            || ' as well.' as detail
    from {{ ref('int_duplicate_seat') }} as d
    inner join {{ ref('int_assignment') }} as a
        on a.review_month = d.review_month and a.team_alias = d.team_alias and a.offering_key = d.offering_key
            and a.person_key = d.person_key
    left join {{ ref('int_seat') }} as c
        on c.review_month = d.review_month and c.team_alias = d.team_alias and c.offering_key = d.collection_key
            and c.person_key = d.person_key
    where d.rule_id = 'USE-07'
)
select {{ finding('USE-07', ['team_alias', 'offering_key', 'person_key', 'scope', 'exposure', 'route',
    'amount_now', 'amount_alternative', 'days_12m']) }}
from found
