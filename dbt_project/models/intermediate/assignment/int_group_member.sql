-- Grain: (team, group, offering granted, person of the group): whether the predicate means them (null: no predicate or
-- no HR record), whether they used the offering before the cutoff, whether they hold a seat of it in the team.
-- Predicates come evaluated.
with predicate as (
    select review_month, intended, bool_and(is_valid) as is_valid
    from {{ source('reference', 'predicate_result') }}
    group by review_month, intended
),
member as (
    select
        r.review_month, r.team_alias, r.group_name, r.offering_key, r.intended, g.person_key, g.src, p.hr_src,
        coalesce(x.is_valid, false) as has_predicate,
        e.satisfied
    from {{ ref('int_group_rule') }} as r
    inner join {{ ref('int_portal_group') }} as g on g.review_month = r.review_month and g.team_alias = r.team_alias
        and g.group_name = r.group_name
    inner join {{ ref('int_person') }} as p on p.review_month = g.review_month and p.person_key = g.person_key
    left join predicate as x on x.review_month = r.review_month and x.intended = r.intended
    left join {{ source('reference', 'predicate_result') }} as e on e.review_month = r.review_month
        and e.intended = r.intended and e.hr_src = p.hr_src
),
limits as (
    select r.review_month, r.offering_key, c.cutoff, {{ param_for('IDN-06', 'days', 'r', 'r.offering_key') }} as days
    from (select distinct review_month, offering_key from {{ ref('int_group_rule') }}) as r
    inner join {{ ref('int_clock') }} as c using (review_month)
),
-- Of a collection only those who hold it have use.
recent as (
    select distinct u.review_month, u.person_key, u.offering_key
    from {{ ref('int_use_period') }} as u
    inner join limits as l using (review_month, offering_key)
    left join {{ ref('int_collection') }} as c on c.review_month = u.review_month
        and c.collection_key = u.offering_key
    where (u.days & {{ days_within('u.period', add_days('l.cutoff', '1 - ceil(l.days)'), 'l.cutoff') }}) <> 0
        and (
            c.collection_key is null
            or exists (
                select 1 from {{ ref('int_seat') }} as h
                where h.review_month = u.review_month and h.person_key = u.person_key
                    and h.offering_key = u.offering_key)
        )
),
seat as (
    select review_month, team_alias, offering_key, person_key from {{ ref('int_seat') }}
)
select
    m.review_month, m.team_alias, m.group_name, m.offering_key, m.person_key, m.src, m.hr_src, m.intended,
        m.has_predicate,
    case when m.has_predicate and m.hr_src is not null then coalesce(m.satisfied, false) end as satisfied,
    u.person_key is not null as is_active,
    s.person_key is not null as has_seat
from member as m
left join recent as u on u.review_month = m.review_month and u.person_key = m.person_key
    and u.offering_key = m.offering_key
left join seat as s on s.review_month = m.review_month and s.team_alias = m.team_alias
    and s.offering_key = m.offering_key and s.person_key = m.person_key
