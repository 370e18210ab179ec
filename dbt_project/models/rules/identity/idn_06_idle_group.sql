-- IDN-06: a group of which most members did not use the granted offering before the cutoff. Grain: (team, offering);
-- scope = group. Teams that hide personal data are left out (int_excluded_subject), and so are idle members of whom a
-- row of use was rejected.
select
    {{ finding(
        'IDN-06', observed='cast(g.active as double) / (g.members - g.unclear)',
            threshold=param_for('IDN-06', 'share', 'g', 'g.offering_key'), excess='g.members - g.unclear - g.active',
        review_month='g.review_month', team='g.team_alias', offering='g.offering_key', scope='g.group_name',
            severity="'medium'",
        recommended_action="case when g.active = 0 and g.unclear = 0 then 'remove' else 'narrow' end",
            evidence='g.evidence', evidence_count='g.members',
        detail="g.active || ' of ' || " ~ counted("(g.members - g.unclear)", "member")
            ~ " || ' used the offering in the last ' || "
            ~ plain_number(param_for('IDN-06', 'days', 'g', 'g.offering_key')) ~ " || ' days of complete data.'"
    ) }}
from {{ ref('int_group_fact') }} as g
where not g.in_hidden_team and {{ concluded('IDN-06', 'g') }}
    and g.members - g.unclear >= {{ param_for('IDN-06', 'min_members', 'g', 'g.offering_key') }}
    and g.active < {{ param_for('IDN-06', 'share', 'g', 'g.offering_key') }} * (g.members - g.unclear)
