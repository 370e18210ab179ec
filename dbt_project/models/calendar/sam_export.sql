-- Grain: (review_month, person, offering, team): who holds and who uses what, in the form that the company's SAM tool
-- is told: seats with their last use, and use by persons without a seat of the offering (team: that of most of their
-- rows). offering_name is a text of the portal that means the offering, so that what the tool gives back is understood.
with name as (
    select review_month, offering_key, name as offering_name
    from (
        select n.review_month, n.offering_key, n.name, sum(n.name_rows) as name_rows,
            min(case n.input when 'subscriptions' then 1 when 'usage_report' then 2 when 'users' then 3
                when 'usage' then 4 else 5 end) as place
        from {{ ref('int_name_seen') }} as n
        group by n.review_month, n.offering_key, n.name
    )
    qualify row_number() over (partition by review_month, offering_key order by coalesce(place, 9), name_rows desc,
        name nulls last) = 1
),
without_seat as (
    select u.review_month, u.person_key, u.offering_key, u.last_use_day, u.days_12m
    from {{ ref('int_use_total') }} as u
    where not exists (
        select 1 from {{ ref('int_seat') }} as s
        where s.review_month = u.review_month and s.person_key = u.person_key and s.offering_key = u.offering_key)
),
place as (
    select review_month, person_key, offering_key, team_alias, version
    from (
        select c.review_month, c.person_key, c.offering_key, c.team_alias, sum(c.use_rows) as use_rows,
            -- Several versions on the last day: the greatest text, so that the same rows give the same version.
            {{ greatest_by('c.version', last_day('c.period', 'c.days'), ties=true) }} as version
        from {{ ref('int_use_cell') }} as c
        inner join without_seat as u on u.review_month = c.review_month and u.person_key = c.person_key
            and u.offering_key = c.offering_key
        group by c.review_month, c.person_key, c.offering_key, c.team_alias
    )
    qualify row_number() over (partition by review_month, person_key, offering_key order by use_rows desc,
        team_alias) = 1
),
row_ as (
    select a.review_month, a.person_key, a.offering_key, a.team_alias, true as assigned, a.assigned_date, a.last_use,
        cast(a.days_12m as bigint) as days_12m, a.version
    from {{ ref('int_assignment') }} as a
    union all
    select u.review_month, u.person_key, u.offering_key, p.team_alias, false, cast(null as date), u.last_use_day,
        u.days_12m, p.version
    from without_seat as u
    left join place as p using (review_month, person_key, offering_key)
)
select
    r.review_month, r.person_key, p.email, p.display_name, r.offering_key,
        coalesce(n.offering_name, r.offering_key) as offering_name,
    coalesce(r.team_alias, '(single team)') as team_alias, r.assigned, r.assigned_date, r.last_use, r.days_12m,
        r.version
from row_ as r
inner join {{ ref('int_person') }} as p using (review_month, person_key)
left join name as n using (review_month, offering_key)
