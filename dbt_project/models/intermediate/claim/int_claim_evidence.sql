-- Grain: (line of the claims, what a row says of it, row): the rows of the files that speak for a line (the use or the
-- installation that it alleges) and against it (a right to it, or another release). kind: use, install, other_release,
-- seat, tokens, own_cover, perpetual, network, entitlement, assigned. Of a day of use: covered_by (what gave the right,
-- null if nothing did), is_right_known (no collection held may contain the product), are_seats_known (a whole list of
-- seats tells of that day). Lines that cannot be judged have none.
{% set plain = 'cast(null as string), true, true, cast(null as integer)' %}
{% set bare = plain ~ ', cast(null as bigint)' %}
with claim as (
    {{ claims_to_judge() }}
),
-- made once: claim
-- By whom a line is judged: the person it names, else those who used the device, else those to whom it belongs.
party as (
    select review_month, claim_src, person_key from claim
    union
    select review_month, claim_src, person_key from {{ ref('int_claim_use') }}
    union
    select i.review_month, i.claim_src, i.person_key
    from {{ ref('int_claim_install') }} as i
    where exists (select 1 from claim as c where c.review_month = i.review_month and c.claim_src = i.claim_src
        and c.subject = 'device')
),
-- made once: party
right_ as (
    select distinct p.review_month, p.claim_src, p.person_key, s.held_from, s.held_to, s.src, s.offering_key as held_key
    from party as p
    inner join claim as c on c.review_month = p.review_month and c.claim_src = p.claim_src
    inner join {{ ref('int_seat_span') }} as s on s.review_month = p.review_month and s.person_key = p.person_key
        and s.offering_key = c.offering_key
    union
    select p.review_month, p.claim_src, p.person_key, greatest(s.held_from, k.valid_from),
        least(s.held_to, k.valid_to), s.src, s.offering_key
    from party as p
    inner join claim as c on c.review_month = p.review_month and c.claim_src = p.claim_src
    inner join {{ source('reference', 'collection_members') }} as k on k.review_month = c.review_month
        and k.member_key = c.offering_key
    inner join {{ ref('int_seat_span') }} as s on s.review_month = p.review_month and s.person_key = p.person_key
        and s.offering_key = k.collection_key and k.valid_from <= s.held_to and s.held_from <= k.valid_to
),
-- made once: right_
-- The newest release that a seat gives a right to, on the last day that the line speaks of.
newest as (
    select c.review_month, c.claim_src, v.newest_covered as newest
    from claim as c
    inner join {{ source('reference', 'version_support') }} as v on v.review_month = c.review_month
        and v.offering_key = c.offering_key and v.valid_from <= least(c.as_of, c.period_to)
        and least(c.as_of, c.period_to) <= v.valid_to
),
own_cover as (
    select p.review_month, p.claim_src, p.person_key, k.src
    from party as p
    inner join claim as c on c.review_month = p.review_month and c.claim_src = p.claim_src
    inner join {{ ref('int_contractor') }} as k on k.review_month = p.review_month and k.person_key = p.person_key
        and k.device_policy = 'own' and coalesce(k.contractor_end, cast('9999-12-31' as date)) >= c.period_from
),
-- Days on which a collection that somebody held may contain the product: nobody is accused by them.
asked as (
    select review_month, claim_src, person_key, day, claimed_key from {{ ref('int_claim_use') }}
    union
    select i.review_month, i.claim_src, i.person_key, i.day, c.offering_key
    from {{ ref('int_claim_install') }} as i
    inner join claim as c on c.review_month = i.review_month and c.claim_src = i.claim_src
),
doubt as (
    select distinct a.review_month, a.claim_src, a.person_key, a.day
    from asked as a
    inner join {{ ref('int_open_holding') }} as o on o.review_month = a.review_month and o.person_key = a.person_key
        and o.open_from <= a.day and a.day <= o.open_to
    left join {{ ref('int_never_covered') }} as v on v.review_month = a.review_month
        and v.offering_key = a.claimed_key
    left join {{ source('reference', 'collection_exclusions') }} as e on e.review_month = a.review_month
        and e.collection_key = o.collection_key and e.offering_key = a.claimed_key and e.valid_from <= a.day
        and a.day <= e.valid_to
    where v.offering_key is null and e.offering_key is null
),
-- made once: newest, own_cover, doubt
judged as (
    select
        u.review_month, u.claim_src, u.input, u.person_key, u.day, u.src,
        case
            when exists (
                select 1 from right_ as r
                where r.review_month = u.review_month and r.claim_src = u.claim_src and r.person_key = u.person_key
                    and r.held_from <= u.day and u.day <= r.held_to)
                and not coalesce(coalesce(u.release, u.claimed_release) > n.newest, false) then 'seat'
            when exists (
                select 1 from {{ ref('int_token_charge') }} as t
                where t.review_month = u.review_month and t.person_key = u.person_key and t.day = u.day
                    and t.offering_key = u.claimed_key) then 'tokens'
            when exists (
                select 1 from own_cover as o
                where o.review_month = u.review_month and o.claim_src = u.claim_src
                    and o.person_key = u.person_key) then 'own_cover'
            when exists (
                select 1 from {{ ref('int_claim_check_out') }} as o
                where o.review_month = u.review_month and o.claim_src = u.claim_src and o.day = u.day) then 'network'
            when u.licence_claim in ('perpetual', 'network') and exists (
                select 1 from {{ ref('int_claim_licence') }} as l
                where l.review_month = u.review_month and l.claim_src = u.claim_src
                    and l.is_serial_met) then 'perpetual'
        end as covered_by,
        d.claim_src is null as is_right_known,
        exists(
            select 1 from {{ ref('int_drop_input') }} as w
            inner join {{ ref('int_month') }} as m on m.review_month = u.review_month and w.drop <= m.drop_month
            where w.input in ('usage_report', 'users') and w.is_complete and u.day <= {{ month_end('w.drop') }}
                and u.day > {{ add_months(month_end('w.drop'), -12) }}) as are_seats_known
    from {{ ref('int_claim_use') }} as u
    left join newest as n on n.review_month = u.review_month and n.claim_src = u.claim_src
    left join doubt as d on d.review_month = u.review_month and d.claim_src = u.claim_src
        and d.person_key = u.person_key and d.day = u.day
),
-- made once: judged
-- Of a quantity: what was bought and not ended on the last day, and the seats.
counted as (
    select review_month, claim_src, offering_key, least(period_to, as_of) as day from claim where subject = 'quantity'
),
evidence as (
    select review_month, claim_src, 'use' as kind, 'for' as side, input, src, person_key, day, covered_by,
        is_right_known, are_seats_known, cast(null as integer) as release, cast(null as bigint) as seats
    from judged
    -- A charge of tokens is its own right; it stands among what speaks against the line.
    where not (input = 'token_usage' and coalesce(covered_by = 'tokens', false))
    union all
    select i.review_month, i.claim_src,
        case when i.claimed_release <> i.release then 'other_release' else 'install' end,
        case when i.claimed_release <> i.release then 'against' else 'for' end, 'device_inventory', i.src, i.person_key,
        i.day, cast(null as string), d.claim_src is null, true, i.release, cast(null as bigint)
    from {{ ref('int_claim_install') }} as i
    left join doubt as d on d.review_month = i.review_month and d.claim_src = i.claim_src
        and d.person_key = i.person_key and d.day = i.day
    union all
    select r.review_month, r.claim_src, 'seat', 'against', cast(null as string), r.src, r.person_key,
        max(r.held_from), {{ bare }}
    from right_ as r
    inner join claim as c on c.review_month = r.review_month and c.claim_src = r.claim_src
        and r.held_from <= c.period_to and c.period_from <= r.held_to
    left join newest as n on n.review_month = r.review_month and n.claim_src = r.claim_src
    where not coalesce(c.release > n.newest, false)
    group by r.review_month, r.claim_src, r.src, r.person_key
    union all
    select j.review_month, j.claim_src, 'tokens', 'against', 'token_usage', t.src, t.person_key, t.day,
        {{ bare }}
    from (select distinct review_month, claim_src, person_key, day from judged where covered_by = 'tokens') as j
    inner join claim as c on c.review_month = j.review_month and c.claim_src = j.claim_src
    inner join {{ ref('int_token_row') }} as t on t.review_month = j.review_month and t.person_key = j.person_key
        and t.day = j.day and t.offering_key = c.offering_key and t.tokens > 0
    union all
    select review_month, claim_src, 'own_cover', 'against', 'contractors', src, cast(null as string),
        cast(null as date), {{ bare }}
    from own_cover
    union all
    select l.review_month, l.claim_src, 'perpetual', 'against', 'perpetual_licences', l.src, cast(null as string),
        cast(null as date), {{ plain }}, l.seats
    from {{ ref('int_claim_licence') }} as l
    inner join claim as c on c.review_month = l.review_month and c.claim_src = l.claim_src and l.is_serial_met
    where c.subject <> 'person' or c.serial_key is not null
        or exists (select 1 from judged as j where j.review_month = l.review_month and j.claim_src = l.claim_src
            and j.covered_by = 'perpetual')
    union all
    select review_month, claim_src, 'network', 'against', 'nlm_log', src, cast(null as string), day,
        {{ bare }}
    from {{ ref('int_claim_check_out') }}
    union all
    select c.review_month, c.claim_src, 'entitlement', 'against', 'subscriptions', s.src, cast(null as string),
        c.day, {{ plain }}, s.seat_quantity
    from counted as c
    inner join {{ ref('int_subscription') }} as s on s.review_month = c.review_month
        and s.offering_key = c.offering_key and s.counts and s.start_date <= c.day and c.day <= s.end_date
    union all
    -- The first of the seats that a quantity is about, as many as the evidence of a finding has.
    select * from (
        select c.review_month, c.claim_src, 'assigned', 'for', cast(null as string), s.src, s.person_key,
            s.assigned_date, {{ bare }}
        from counted as c
        inner join {{ ref('int_seat') }} as s on s.review_month = c.review_month and s.offering_key = c.offering_key
        qualify row_number() over (partition by c.review_month, c.claim_src order by s.src) <= 20
    ) as first_seats
)
select e.review_month, e.claim_src, e.kind, e.side, coalesce(e.input, f.input) as input, e.src, e.person_key, e.day,
    e.covered_by, e.is_right_known, e.are_seats_known, e.release, e.seats
from evidence as e
inner join {{ source('raw', 'file_register') }} as f on f._file_no = cast(floor(e.src / 10000000000) as integer)
