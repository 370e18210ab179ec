-- Grain: (team, group, offering granted): members, who is meant, who is outside or unknown, who uses it.
with unclear as (
    -- Of whom a row of use was rejected: not known to be idle.
    select distinct review_month, person_key from {{ ref('int_inconclusive_person') }} where rule_id = 'IDN-06'
)
select
    m.review_month, m.team_alias, m.group_name, m.offering_key, max(m.intended) as intended_predicate,
        bool_or(m.has_predicate) as has_predicate,
    count(*) as members,
    count(*) filter (where m.satisfied) as intended,
    count(*) filter (where not m.satisfied) as outside,
    count(*) filter (where m.hr_src is null) as unknown,
    count(*) filter (where m.is_active) as active,
    count(*) filter (where not m.is_active and u.person_key is not null) as unclear,
    count(*) filter (where m.has_seat) as seats,
    count(*) filter (where not m.satisfied and not m.is_active and m.has_seat) as seats_outside_idle,
    count(h.team_alias) > 0 as in_hidden_team,
    {{ evidence('m.src') }} as evidence
from {{ ref('int_group_member') }} as m
left join {{ ref('int_hidden_team') }} as h on h.review_month = m.review_month and h.team_alias = m.team_alias
left join unclear as u on u.review_month = m.review_month and u.person_key = m.person_key
group by m.review_month, m.team_alias, m.group_name, m.offering_key
