-- HUB-05: somebody whose seat is to be taken away is still a member of a hub of that team, which would add the person
-- to the team again. Grain: (team, person); scope = the hub. The rule is defined by the findings of others (those of
-- the de-provisioning list), where they could run.
with could_run as (
    select review_month, rule_id from {{ ref('int_assessability') }} where assessability <> 'not_assessable'
),
asked as (
    select review_month, rule_id, team_alias, offering_key, person_key
    from {{ ref('int_finding_of_seat') }}
    where rule_id <> 'USE-08'
    union all
    -- USE-08 asks for the seats beyond the one that stays.
    select f.review_month, f.rule_id, s.team_alias, f.offering_key, f.person_key
    from {{ ref('int_finding_of_seat') }} as f
    inner join (
        select review_month, team_alias, offering_key, person_key
        from {{ ref('int_assignment') }}
        qualify row_number() over (partition by review_month, offering_key, person_key
            order by last_use desc nulls last, team_alias) > 1
    ) as s on s.review_month = f.review_month and s.offering_key = f.offering_key and s.person_key = f.person_key
    where f.rule_id = 'USE-08'
),
seat as (
    select a.review_month, a.team_alias, a.offering_key, a.person_key,
        bool_or(a.rule_id in ('CON-02', 'CON-04')) as asks_review
    from asked as a
    inner join could_run using (review_month, rule_id)
    group by a.review_month, a.team_alias, a.offering_key, a.person_key
),
leaving as (
    select s.review_month, s.team_alias, s.person_key, count(*) as seats
    from seat as s
    inner join {{ ref('int_assignment') }} as a on a.review_month = s.review_month and a.team_alias = s.team_alias
        and a.offering_key = s.offering_key and a.person_key = s.person_key
    where {{ seat_removal('a', 's.asks_review') }} = 'unassign'
    group by s.review_month, s.team_alias, s.person_key
),
found as (
    select
        h.review_month, h.team_alias, h.person_key, h.hub as scope,
        1 as observed, 0 as threshold, 'info' as severity,
        'remove_from_hub' as recommended_action, h.evidence, h.member_rows as evidence_count,
        {{ counted('l.seats', 'seat') }} || ' of the person in the team '
            || case when l.seats = 1 then 'is' else 'are' end
            || ' to be taken away. Remove the person from the hub first: '
            || 'the portal adds members of a hub to its team again.' as detail
    from {{ ref('int_hub_person') }} as h
    inner join leaving as l using (review_month, team_alias, person_key)
)
select {{ finding('HUB-05', ['team_alias', 'person_key', 'scope', 'evidence_count']) }}
from found
