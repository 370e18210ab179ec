-- Grain: (line of the claims, what a row says of it, row): the rows of the files that speak for a line (the use or the
-- installation that it alleges) and against it (a right to it, or another release). kind: use, install, other_release,
-- seat, tokens, own_cover, perpetual, network, entitlement, assigned. Of a day of use: covered_by (what gave the right,
-- null if nothing did), is_right_known (no collection held may contain the product), are_seats_known (a whole list of
-- seats tells of that day). Lines that cannot be judged have none.
{% set plain = 'cast(null as string), true, true, cast(null as integer)' %}
{% set bare = plain ~ ', cast(null as bigint)' %}
with claim as (
    select c.*, m.as_of, m.drop_month, m.horizon
    from {{ ref('int_claim') }} as c
    inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
    where {{ can_be_judged('c') }}
),
-- made once: claim
-- Use, row by row: of the persons and on the devices that the lines name.
said as (
    select distinct review_month, person_key as said from claim where subject = 'person' and person_key is not null
    union
    select s.review_month, s.said
    from {{ ref('int_person_alias') }} as s
    inner join claim as c on c.review_month = s.review_month and c.person_key = s.person_key
),
device as (
    select distinct review_month, device_key from claim where subject = 'device'
),
{% set inputs = {
    'usage': [stated_person('r', hash='hashed_autodesk_id'), 'r.offering_name', 'r.product_name', 'r.day_used'],
    'seat_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'token_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'lrt': [stated_person('r', 'user_email', 'user_hash'), 'r.product', 'cast(null as string)',
        'cast(r.event_at as date)']} %}
seen as (
    {% for input, columns in inputs.items() %}
    select '{{ input }}' as input, {{ columns[0] }} as said, {{ columns[1] }} as offering_name,
        {{ columns[2] }} as product_name, {{ columns[3] }} as day, r.version,
        {% if input == 'lrt' %}r.licence_claim, {{ device_key('coalesce(r.device_id, r.host_name)') }} as device_key,
        {{ device_key('r.host_name') }} as host_key,
        {% else %}cast(null as string) as licence_claim, cast(null as string) as device_key,
        cast(null as string) as host_key,
        {% endif %}r._drop as drop_month, r._until, r._src as src
    from {{ source('raw', input) }} as r
    where {{ columns[0] }} in (select s.said from said as s)
    {%- if input == 'lrt' %}
        or {{ device_key('coalesce(r.device_id, r.host_name)') }} in (select d.device_key from device as d)
        or {{ device_key('r.host_name') }} in (select d.device_key from device as d)
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
use_row as (
    select a.review_month, u.input, coalesce(s.person_key, u.said) as person_key, o.offering_key,
        p.offering_key as product_key, u.day, {{ year_of_version('u.version') }} as release, u.licence_claim,
        u.device_key, u.host_key, u.src
    from seen as u
    inner join {{ drops_seen() }} as a on a.drop = u.drop_month and (u._until is null or u._until > a.horizon)
    inner join {{ ref('int_offering_name') }} as o on o.review_month = a.review_month and o.name = u.offering_name
    left join {{ ref('int_offering_name') }} as p on p.review_month = a.review_month and p.name = u.product_name
    left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = u.said
    left join {{ ref('int_contested_row') }} as x on x.review_month = a.review_month and x.src = u.src and x.is_beaten
    where x.src is null
),
claim_use as (
    select c.claim_src, c.offering_key as claimed_key, c.release as claimed_release, c.period_from, c.period_to, u.*
    from claim as c
    inner join use_row as u on u.review_month = c.review_month and u.person_key = c.person_key
    where c.subject = 'person'
    union all
    select c.claim_src, c.offering_key, c.release, c.period_from, c.period_to, u.*
    from claim as c
    inner join use_row as u on u.review_month = c.review_month and c.device_key in (u.device_key, u.host_key)
    where c.subject = 'device'
    union all
    -- The last access that the portal itself shows; one by tokens is in token_usage.
    select c.claim_src, c.offering_key, c.release, c.period_from, c.period_to, c.review_month, 'usage_report',
        u.person_key, u.offering_key, cast(null as string), cast(u.last_accessed as date),
        {{ year_of_version('u.version') }}, cast(null as string), cast(null as string), cast(null as string), u.src
    from claim as c
    inner join {{ ref('int_usage_report') }} as u on u.review_month = c.review_month and u.person_key = c.person_key
    where c.subject = 'person' and not u.is_flex and u.last_accessed is not null
),
used as (
    select u.*
    from claim_use as u
    where u.claimed_key in (u.offering_key, coalesce(u.product_key, u.offering_key))
        and u.period_from <= u.day and u.day <= u.period_to
        and (u.claimed_release is null or u.release is null or u.claimed_release = u.release)
),
-- made once: used
-- The company's own lists of what is installed: the entry of a later month says nothing of an earlier one.
installed as (
    select
        c.review_month, c.claim_src, r._drop as drop_month, r._src as src,
        cast(coalesce(r.last_seen_at, {{ month_end('r._drop') }}) as date) as day,
        case when r.user_email is not null then {{ person_key('r', email='user_email') }} end as person_key,
        coalesce({{ release_in_name('r.product_display_name') }}, {{ year_of_version('r.version') }}) as release,
        c.release as claimed_release
    from claim as c
    inner join {{ source('raw', 'device_inventory') }} as r
        on {{ device_key('r.device_id') }} = c.device_key and r._drop <= c.drop_month
            and r._drop >= {{ month_text('c.period_from') }} and r._drop <= {{ month_text('c.period_to') }}
    inner join {{ source('reference', 'product_aliases') }} as a
        on a.review_month = c.review_month and a.offering_key = c.offering_key and a.valid_from <= c.as_of
            and c.as_of <= a.valid_to
            and a.alias in ({{ fold('r.product_display_name') }}, {{ fold(before_release('r.product_display_name')) }},
                regexp_replace({{ fold(before_release('r.product_display_name')) }}, '^autodesk_', ''))
    left join {{ source('reference', 'person_aliases') }} as alias_ on alias_.review_month = c.review_month
        and alias_.alias_email = r.user_email
    where c.device_key is not null and (r.publisher is null or {{ lower_case('r.publisher') }} like '%autodesk%')
),
-- made once: installed
-- By whom a line is judged: the person it names, else those who used the device, else those to whom it belongs.
party as (
    select review_month, claim_src, person_key from claim where subject = 'person' and person_key is not null
    union
    select review_month, claim_src, person_key from used where person_key is not null
    union
    select i.review_month, i.claim_src, i.person_key
    from installed as i
    where i.person_key is not null
        and exists (select 1 from claim as c where c.review_month = i.review_month and c.claim_src = i.claim_src
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
    select c.review_month, c.claim_src, min(v.newest_covered) as newest
    from claim as c
    inner join {{ source('reference', 'version_support') }} as v on v.review_month = c.review_month
        and v.offering_key = c.offering_key and v.valid_from <= least(c.as_of, c.period_to)
        and least(c.as_of, c.period_to) <= v.valid_to
    group by c.review_month, c.claim_src
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
    select review_month, claim_src, person_key, day, claimed_key from used
    union
    select i.review_month, i.claim_src, i.person_key, i.day, c.offering_key
    from installed as i
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
    from used as u
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
    from installed as i
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
select
    e.review_month, e.claim_src, e.kind, e.side, coalesce(e.input, f.input) as input, e.src,
    min(e.person_key) as person_key, min(e.day) as day, min(e.covered_by) as covered_by,
    bool_and(e.is_right_known) as is_right_known,
    bool_and(e.are_seats_known) as are_seats_known, min(e.release) as release, min(e.seats) as seats
from evidence as e
inner join {{ source('raw', 'file_register') }} as f on f._file_no = cast(floor(e.src / 10000000000) as integer)
group by e.review_month, e.claim_src, e.kind, e.side, coalesce(e.input, f.input), e.src
