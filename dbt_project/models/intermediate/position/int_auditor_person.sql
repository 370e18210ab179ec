-- Grain: (team, offering, person) of the auditor's count: A, and persons with telemetry in the window who hold neither
-- the offering nor a collection with it (without those whose right is not known). `line` is the first line that takes
-- the person out of the count, null if none does.
with counted as (
    select review_month, team_alias, offering_key, person_key, true as has_seat from {{ ref('int_seat') }}
    union all
    select review_month, team_alias, offering_key, person_key, false as has_seat
        from {{ ref('int_auditor_outsider') }} as o
    -- Where somebody without a seat can be told: the seats are whole, and no row about the person was rejected (as for
    -- CON-03).
    where not o.right_not_known and {{ concluded_of('CON-03', 'o') }}
),
claim as (
    select distinct l.review_month, l.offering_key, l.person_key, true as has_claim
    from {{ ref('int_lrt_event') }} as l
    where l.licence_claim in ('perpetual', 'network')
),
charged as (
    select review_month, offering_key, person_key, {{ period_of('day') }} as period,
        bit_or({{ day_bit('day') }}) as days
    from {{ ref('int_token_charge') }}
    group by review_month, offering_key, person_key, {{ period_of('day') }}
),
covered as (
    select l.review_month, l.offering_key, l.person_key,
        bool_and(coalesce((l.days & c.days) = l.days, false)) as all_charged
    from {{ ref('int_lrt_cell') }} as l
    left join charged as c using (review_month, offering_key, person_key, period)
    group by l.review_month, l.offering_key, l.person_key
),
licence as (
    select p.review_month, o.offering_key, sum(p.seats) as seats
    from {{ ref('stg_outside__perpetual_licences') }} as p
    inner join {{ ref('int_offering_name') }} as o on o.review_month = p.review_month and o.name = p.offering_name
    group by p.review_month, o.offering_key
),
flagged as (
    select c.*, coalesce(f.all_charged, false) as flex_covered, coalesce(l.has_claim, false)
        and not coalesce(f.all_charged, false) as claims_perpetual
    from counted as c
    left join claim as l on l.review_month = c.review_month and l.offering_key = c.offering_key
        and l.person_key = c.person_key
    left join covered as f on f.review_month = c.review_month and f.offering_key = c.offering_key
        and f.person_key = c.person_key
),
ranked as (
    select f.*, case when f.claims_perpetual then sum(case when f.claims_perpetual then 1 else 0 end) over (
        partition by f.review_month, f.offering_key order by f.person_key, f.team_alias rows unbounded preceding)
            end as claim_place
    from flagged as f
),
seat_fact as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        coalesce(a.days_inactive >= {{ param_for('USE-01', 'days', 'a', 'a.offering_key') }}
            and (a.assigned_date is null or {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-01',
                'min_assigned_days', 'a', 'a.offering_key') }}), false)
        or coalesce(a.last_use is null and a.assigned_date is not null
            and {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-02', 'days', 'a',
                'a.offering_key') }}, false) as is_inactive,
        coalesce(a.access_unread or a.assigned_unread, false) as is_unread,
        row_number() over (partition by a.review_month, a.offering_key, a.person_key
            order by a.last_use desc nulls last, a.team_alias) as team_place
    from {{ ref('int_assignment') }} as a
),
member_twice as (
    select distinct review_month, team_alias, offering_key, person_key from {{ ref('int_duplicate_seat') }}
        where rule_id = 'USE-07'
)
select
    r.review_month, r.team_alias, r.offering_key, r.person_key, r.has_seat,
    case
        when r.flex_covered then 'flex_covered'
        when r.claim_place <= p.seats then 'perpetual_covered'
        when c.device_policy = 'own' then 'contractor_own_cover'
        when r.has_seat and g.person_key is not null then 'ghost'
        when t.person_key is not null or s.team_place > 1 then 'duplicate'
        when s.is_inactive and not s.is_unread and {{ use_is_known('k') }} and not exists (
            select 1 from {{ ref('int_inconclusive_person') }} as u
            where u.review_month = r.review_month and u.rule_id in ('USE-01', 'USE-02')
                and u.person_key = r.person_key) then 'inactive'
    end as line
from ranked as r
inner join {{ ref('int_clock') }} as k on k.review_month = r.review_month
left join licence as p on p.review_month = r.review_month and p.offering_key = r.offering_key
left join {{ ref('int_contractor') }} as c on c.review_month = r.review_month and c.person_key = r.person_key
left join {{ ref('int_ghost') }} as g on g.review_month = r.review_month and g.person_key = r.person_key
left join member_twice as t on t.review_month = r.review_month and t.team_alias = r.team_alias
    and t.offering_key = r.offering_key and t.person_key = r.person_key
left join seat_fact as s on s.review_month = r.review_month and s.team_alias = r.team_alias
    and s.offering_key = r.offering_key and s.person_key = r.person_key
