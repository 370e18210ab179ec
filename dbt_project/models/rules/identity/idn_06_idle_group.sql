-- IDN-06: a group of which most members did not use the granted offering before the cutoff. Grain: (team, offering);
-- scope = group. Teams that hide personal data are left out (int_excluded_subject), and so are idle members of whom a
-- row of use was rejected.
with found as (
    select
        g.review_month, g.team_alias, g.offering_key, g.group_name as scope,
        cast(g.active as double) / (g.members - g.unclear) as observed,
        {{ param_for('IDN-06', 'share', 'g', 'g.offering_key') }} as threshold,
        g.members - g.unclear - g.active as excess, 'medium' as severity,
        case when g.active = 0 and g.unclear = 0 then 'remove' else 'narrow' end as recommended_action,
        g.evidence, g.members as evidence_count,
        g.active || ' of ' || {{ counted('(g.members - g.unclear)', 'member') }} || ' used the offering in the last '
            || {{ plain_number(param_for('IDN-06', 'days', 'g', 'g.offering_key')) }}
            || ' days of complete data.' as detail
    from {{ ref('int_group_fact') }} as g
    where not g.in_hidden_team and {{ concluded('IDN-06', 'g') }}
        and g.members - g.unclear >= {{ param_for('IDN-06', 'min_members', 'g', 'g.offering_key') }}
        and g.active < {{ param_for('IDN-06', 'share', 'g', 'g.offering_key') }} * (g.members - g.unclear)
)
select {{ finding('IDN-06', ['team_alias', 'offering_key', 'scope', 'excess', 'evidence_count']) }}
from found
