-- IDN-04: a group with members whom its predicate does not mean. Members without an HR record count apart. Grain:
-- (team, offering); scope = group.
select
    {{ finding(
        'IDN-04', observed='g.outside', threshold=param_for('IDN-04', 'min', 'g', 'g.offering_key'), excess='g.outside',
            review_month='g.review_month',
        team='g.team_alias', offering='g.offering_key', scope='g.group_name', severity="'high'",
            recommended_action="'narrow'",
        evidence='g.evidence', evidence_count='g.members',
        detail="g.outside || ' of ' || " ~ counted("g.members", "member")
            ~ " || ' do not match the group''s rule; without an HR record: ' || g.unknown || '.'"
    ) }}
from {{ ref('int_group_fact') }} as g
where
    g.has_predicate and g.outside > 0
    and (
        g.outside >= {{ param_for('IDN-04', 'min', 'g', 'g.offering_key') }}
        or g.outside >= {{ param_for('IDN-04', 'share', 'g', 'g.offering_key') }} * g.members
    )
