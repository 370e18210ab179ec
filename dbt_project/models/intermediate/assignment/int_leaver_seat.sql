-- Grain: (quarter's last month, team, offering, person): a seat held on the leave date by somebody who left in that
-- quarter, and when it ended.
-- Ended: unassigned_date, else the as-of date of the first drop without it; still there: as_of (is_open). Drops before
-- the last whole one ahead of the quarter cannot matter: what was gone in that one ended before anybody of the quarter
-- left. A drop whose seats are not whole ends none, nor does it say that a seat came later; a seat that the latest drop
-- does not show, and no whole one has shown to be gone, is left out.
with quarter as (
    select m.review_month, m.as_of, {{ add_months('m.month_start', -2) }} as quarter_start
    from {{ ref('int_month') }} as m
    where substr(m.review_month, 6, 2) in ('03', '06', '09', '12')
),
drops as (
    -- Only drops that hold assignments can be without one.
    select q.review_month, f.drop as drop_month, {{ add_days(add_months("cast(f.drop || '-01' as date)", 1),
        -1) }} as drop_as_of, bool_and(coalesce(w.is_complete, true)) as is_whole
    from quarter as q
    inner join {{ source('raw', 'file_register') }} as f
        on f.input in ('usage_report', 'users') and f.verdict = 'loaded' and f.drop <> 'reference'
            and f.drop <= q.review_month
    left join {{ ref('int_drop_input') }} as w on w.drop = f.drop and w.input = f.input
    group by q.review_month, f.drop
),
recent_drops as (
    select d.*
    from drops as d
    inner join quarter as q using (review_month)
    where d.drop_month >= coalesce(
        (select max(x.drop_month) from drops as x where x.review_month = d.review_month
            and x.drop_as_of < q.quarter_start and x.is_whole), '0000-00')
),
seat as (
    select d.review_month, d.drop_month, d.drop_as_of, h.team_alias, h.offering_key,
        coalesce(a.email, h.person_key) as person_key,
        h.is_assigned, h.assigned_date, h.unassigned_date, h.src
    from recent_drops as d
    inner join {{ ref('int_seat_history') }} as h on h.review_month = d.drop_month
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month
        and a.alias_email = h.person_key
),
leaver as (
    select p.review_month, p.person_key, p.leave_date, p.legal_entity
    from {{ ref('int_person') }} as p
    inner join quarter as q using (review_month)
    where p.leave_date >= q.quarter_start and p.leave_date <= q.as_of
),
of_leaver as (
    select s.*, l.leave_date, l.legal_entity
    from seat as s
    inner join leaver as l on l.review_month = s.review_month and l.person_key = s.person_key
    where s.is_assigned or not exists (
        -- Of several rows of one drop one still has the seat, and had it before the end that the other tells.
        select 1 from seat as x
        where x.is_assigned and x.review_month = s.review_month and x.drop_month = s.drop_month
            and x.team_alias = s.team_alias and x.offering_key = s.offering_key and x.person_key = s.person_key
            and coalesce(x.assigned_date < s.unassigned_date, true))
),
dated as (
    -- The portal's own date holds for the drops before that one too, where the seat was there already.
    select s.* {{ all_but('assigned_date') }}, coalesce(s.assigned_date, case when s.is_assigned then (
            select max(x.assigned_date) from of_leaver as x
            where x.is_assigned and x.review_month = s.review_month and x.team_alias = s.team_alias
                and x.offering_key = s.offering_key
                and x.person_key = s.person_key and x.drop_month > s.drop_month and x.assigned_date <= s.drop_as_of)
                    end) as assigned_date
    from of_leaver as s
),
-- The drops that do not show a seat.
without_seat as (
    select s.review_month, s.team_alias, s.offering_key, s.person_key, r.drop_month, r.drop_as_of, r.is_whole
    from (select distinct review_month, team_alias, offering_key, person_key from of_leaver) as s
    inner join recent_drops as r using (review_month)
    where not exists (
        select 1 from of_leaver as x
        where x.review_month = s.review_month and x.drop_month = r.drop_month and x.is_assigned
            and x.team_alias = s.team_alias and x.offering_key = s.offering_key and x.person_key = s.person_key)
),
held as (
    select d.*
    from dated as d
    where d.assigned_date <= d.leave_date
        or (d.assigned_date is null and not exists (
            -- A whole drop after the leave date and before this one without the seat: it came later. A row that says
            -- when the seat ended may stand in a later drop.
            select 1 from without_seat as w
            where w.review_month = d.review_month and w.team_alias = d.team_alias
                and w.offering_key = d.offering_key and w.person_key = d.person_key and w.is_whole
                and w.drop_as_of >= d.leave_date and w.drop_month < d.drop_month
                and (d.is_assigned or w.drop_as_of < d.unassigned_date)))
),
ended as (
    -- A row that says so.
    select review_month, team_alias, offering_key, person_key, leave_date, legal_entity,
        min(unassigned_date) as ended_on, min(src) as src
    from held
    where not is_assigned and unassigned_date >= leave_date
    group by review_month, team_alias, offering_key, person_key, leave_date, legal_entity
),
seen as (
    select h.review_month, h.team_alias, h.offering_key, h.person_key, h.leave_date, h.legal_entity, h.drop_month,
        h.drop_as_of, h.assigned_date, h.src,
        max(h.drop_month) over (partition by h.review_month, h.team_alias, h.offering_key, h.person_key) as last_seen,
        (
            select min(w.drop_as_of) from without_seat as w
            where w.review_month = h.review_month and w.team_alias = h.team_alias
                and w.offering_key = h.offering_key and w.person_key = h.person_key
                and w.drop_month > h.drop_month and w.is_whole
        ) as gone_on
    from held as h
    where h.is_assigned
),
spell as (
    -- The first drop that shows the seat as held on the leave date decides.
    select * from seen
    where (gone_on is null or gone_on >= leave_date)
        and not exists (
            -- A later drop says that this seat was taken away before its holder left.
            select 1 from of_leaver as u
            where u.review_month = seen.review_month and u.team_alias = seen.team_alias
                and u.offering_key = seen.offering_key and u.person_key = seen.person_key and not u.is_assigned
                and u.drop_month > seen.drop_month and u.unassigned_date < seen.leave_date
                and u.unassigned_date >= coalesce(seen.assigned_date, cast(seen.drop_month || '-01' as date)))
    qualify row_number() over (partition by review_month, team_alias, offering_key, person_key order by drop_as_of) = 1
)
select
    coalesce(s.review_month, e.review_month) as review_month, coalesce(s.team_alias, e.team_alias) as team_alias,
    coalesce(s.offering_key, e.offering_key) as offering_key, coalesce(s.person_key, e.person_key) as person_key,
    coalesce(s.legal_entity, e.legal_entity) as legal_entity, coalesce(s.leave_date, e.leave_date) as leave_date,
    coalesce(e.ended_on, s.gone_on, m.as_of) as ended_on,
    e.ended_on is null and s.gone_on is null as is_open,
    {{ days_between('coalesce(e.ended_on, s.gone_on, m.as_of)', 'coalesce(s.leave_date, e.leave_date)') }} as days,
    coalesce(e.src, s.src) as src
from spell as s
full outer join ended as e
    on e.review_month = s.review_month and e.team_alias = s.team_alias and e.offering_key = s.offering_key
        and e.person_key = s.person_key
inner join {{ ref('int_month') }} as m on m.review_month = coalesce(s.review_month, e.review_month)
-- Not: last seen before the latest drop, and no whole drop without it.
where e.ended_on is not null or s.gone_on is not null
    or s.last_seen >= (select max(d.drop_month) from recent_drops as d where d.review_month = s.review_month)
