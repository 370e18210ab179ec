-- Grain: (contract whose brief is due, team, person, offering): seats of the persons who are decided on. kind: `held`
-- (up for renewal), `kept` (up for renewal, but not decided by use: why_kept), `owned` (of another contract, runs on).
-- is_home: the one team in which the person's use is decided (latest use, then by name). has_left: no right is renewed.
with held as (
    select
        r.review_month, r.contract_number, r.team_alias, a.person_key, a.offering_key,
        g.person_key is not null as has_left,
        case
            when g.person_key is not null then null
            when a.hr_status = 'on_leave' then 'on leave'
            when a.is_excluded then 'the team hides who uses what'
            when a.last_use is null and a.assigned_date > {{ add_days('a.as_of', "-cast("
                ~ param_for('USE-02', 'days', 'a', 'a.offering_key') ~ " as integer)") }} then 'just assigned'
            when a.days_12m = 0 and a.last_use > m.window_start then 'used, but on how many days is not known'
        end as why_kept,
        a.last_use
    from {{ ref('int_renewal_pair') }} as r
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_assignment') }} as a on a.review_month = r.review_month and a.team_alias = r.team_alias
        and a.offering_key = r.offering_key
    left join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
),
token_user as (
    -- People without a seat that is up for renewal who use tokens of a pool beside it.
    select p.review_month, p.contract_number, u.team_alias, u.person_key, g.person_key is not null as has_left,
        max(u.day) as last_use
    from (select distinct review_month, contract_number, team_alias from {{ ref('int_renewal_pair') }}) as p
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_token_row') }} as u on u.review_month = p.review_month and u.team_alias = p.team_alias
    left join {{ ref('int_ghost') }} as g on g.review_month = u.review_month and g.person_key = u.person_key
    where u.person_key is not null and u.tokens > 0 and u.day > m.window_start and u.day <= m.as_of
        and not exists (
            select 1 from held as h
            where h.review_month = p.review_month and h.contract_number = p.contract_number
                and h.person_key = u.person_key)
    group by p.review_month, p.contract_number, u.team_alias, u.person_key, g.person_key
),
people as (
    select review_month, contract_number, team_alias, person_key, bool_or(has_left) as has_left,
        max(last_use) as last_use
    from (
        select review_month, contract_number, team_alias, person_key, has_left, last_use from held
        union all
        select review_month, contract_number, team_alias, person_key, has_left, last_use from token_user
    ) as holder_or_user
    group by review_month, contract_number, team_alias, person_key
),
placed as (
    select
        p.*,
        row_number() over (
            partition by p.review_month, p.contract_number, p.person_key order by p.last_use desc nulls last,
                p.team_alias) = 1 as is_home
    from people as p
),
seats as (
    select review_month, contract_number, team_alias, person_key, offering_key, case when why_kept is null then 'held'
        else 'kept' end as kind, why_kept from held
    union all
    select distinct p.review_month, p.contract_number, p.team_alias, p.person_key, s.offering_key, 'owned',
        cast(null as string)
    from placed as p
    inner join {{ ref('int_seat') }} as s using (review_month, person_key)
    where not exists (
        select 1 from {{ ref('int_renewal_pair') }} as r
        where r.review_month = p.review_month and r.contract_number = p.contract_number and r.team_alias = s.team_alias
            and r.offering_key = s.offering_key)
)
select p.review_month, p.contract_number, p.team_alias, p.person_key, p.is_home, p.has_left, s.offering_key, s.kind,
    s.why_kept
from placed as p
left join seats as s using (review_month, contract_number, team_alias, person_key)
