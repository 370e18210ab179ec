-- USE-07: a person holds a collection and one of its members in the same team. Grain: (team, member, person,
-- collection).
select
    {{ finding(
        'USE-07', observed='2', threshold='1', excess='1', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', scope='d.collection_key',
        exposure='a.price', currency='a.currency', price_basis='a.price_basis', severity="'medium'", route='a.routes',
        recommended_action="case when a.has_group_route then 'edit_group' else 'unassign' end",
            evidence=evidence_with('a.evidence', 'c.src'), days_12m='a.days_12m',
        amount_now='a.price', amount_alternative='case when a.price is not null then 0 end',
        detail="'Holds ' || " ~ readable_name("d.collection_key") ~ " || ', which includes ' || "
            ~ readable_name("a.offering_key")
            ~ " || ', and a seat on ' || " ~ readable_name("a.offering_key") ~ " || ' as well.'"
    ) }}
from {{ ref('int_duplicate_seat') }} as d
inner join {{ ref('int_assignment') }} as a
    on a.review_month = d.review_month and a.team_alias = d.team_alias and a.offering_key = d.offering_key
        and a.person_key = d.person_key
left join {{ ref('int_seat') }} as c
    on c.review_month = d.review_month and c.team_alias = d.team_alias and c.offering_key = d.collection_key
        and c.person_key = d.person_key
where d.rule_id = 'USE-07'
