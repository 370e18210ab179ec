-- IDN-05: a portal group that grew fast in three months, or has members of a legal entity that had none. Grain: team;
-- scope = group.
select
    {{ finding(
        'IDN-05', observed='g.members', threshold='g.members_before', review_month='g.review_month',
            team='g.team_alias', scope='g.group_name',
        severity="'high'", recommended_action="'split'", evidence='g.evidence', evidence_count='g.members',
        detail="g.members || ' members now, ' || g.members_before || ' three months ago'
            || coalesce('; for the first time of ' || g.new_entities, '') || '.'"
    ) }}
from {{ ref('int_group_growth') }} as g
where {{ concluded('IDN-05', 'g') }} and (
    g.new_entities is not null
    or g.members - g.maybe_before - g.members_before > greatest({{ param_decimal('IDN-05', 'min', 'g') }},
        {{ param_decimal('IDN-05', 'share', 'g') }} * g.members_before))
