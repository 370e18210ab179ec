-- IDN-04: a group with members whom its predicate does not mean. Members without an HR record count apart. Grain:
-- (team, offering); scope = group.
with found as (
    select
        g.review_month, g.team_alias, g.offering_key, g.group_name as scope,
        g.outside as observed, {{ param_for('IDN-04', 'min', 'g', 'g.offering_key') }} as threshold,
        g.outside as excess, 'high' as severity, 'narrow' as recommended_action,
        g.evidence, g.members as evidence_count,
        g.outside || ' of ' || {{ counted('g.members', 'member') }}
            || ' do not match the group''s rule; without an HR record: ' || g.unknown || '.' as detail
    from {{ ref('int_group_fact') }} as g
    where
        g.has_predicate and g.outside > 0
        and (
            g.outside >= {{ param_for('IDN-04', 'min', 'g', 'g.offering_key') }}
            or g.outside >= {{ param_for('IDN-04', 'share', 'g', 'g.offering_key') }} * g.members
        )
)
select {{ finding('IDN-04', ['team_alias', 'offering_key', 'scope', 'excess', 'evidence_count']) }}
from found
