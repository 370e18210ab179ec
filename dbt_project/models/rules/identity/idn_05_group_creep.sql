-- IDN-05: a portal group that grew fast in three months, or has members of a legal entity that had none. Grain: team;
-- scope = group.
with found as (
    select
        g.review_month, g.team_alias, g.group_name as scope,
        g.members as observed, g.members_before as threshold, 'high' as severity,
        'split' as recommended_action, g.evidence, g.members as evidence_count,
        g.members || ' members now, ' || g.members_before || ' three months ago' || coalesce('; for the first time of '
            || g.new_entities, '') || '.' as detail
    from {{ ref('int_group_growth') }} as g
    where {{ concluded('IDN-05', 'g') }} and (
        g.new_entities is not null
        or g.members - g.maybe_before - g.members_before > greatest({{ param_decimal('IDN-05', 'min', 'g') }},
            {{ param_decimal('IDN-05', 'share', 'g') }} * g.members_before))
)
select {{ finding('IDN-05', ['team_alias', 'scope', 'evidence_count']) }}
from found
