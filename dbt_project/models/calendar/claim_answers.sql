-- Grain: (review_month, line of the claims): how the line is answered: accepted, contested, not_provable or
-- out_of_scope; why, in a sentence; what would settle it; what it is worth at list and at contract price. Accepted, and
-- contested by what is not there, only where the inputs that would show it are whole. The order of the reasons is the
-- rule: docs/decisions/0035.
with given as (
    {{ given_inputs() }}
),
register as (
    -- The register of perpetual licences: whole, a part, or none.
    select m.review_month, coalesce(p.in_drop, false) as has_register,
        coalesce(p.in_drop, false) and not exists (select 1 from {{ ref('int_input_complete') }} as w
            where w.review_month = m.review_month and w.input = 'perpetual_licences' and w.months_back = 0
                and not w.is_complete) as is_register_whole
    from {{ ref('int_month') }} as m
    left join {{ ref('int_input_present') }} as p on p.review_month = m.review_month and p.input = 'perpetual_licences'
),
list_of_people as (
    -- A whole list of people that could name somebody: without one nobody is said to be of another company.
    select m.review_month, bool_or(w.is_complete) as is_given
    from {{ ref('int_month') }} as m
    inner join {{ ref('int_input_complete') }} as w on w.review_month = m.review_month and w.months_back = 0
        and w.input in ('directory_users', 'hr_workers')
    group by m.review_month
),
clock as (
    select c.review_month, c.d0, c.cutoff, {{ use_is_known('c') }} as is_use_known,
        exists(select 1 from {{ ref('int_hidden_team') }} as h where h.review_month = c.review_month) as hides_people,
        exists(select 1 from {{ ref('int_input_present') }} as i where i.review_month = c.review_month
            and i.input in ('lrt', 'usage') and i.in_any_drop) as has_use
    from {{ ref('int_clock') }} as c
),
told as (
    select
        c.review_month, c.claim_src,
        {{ claim_counts() }}
    from {{ ref('int_claim') }} as c
    left join {{ ref('int_claim_evidence') }} as e using (review_month, claim_src)
    group by c.review_month, c.claim_src
),
-- A quantity is held against the auditor's count of the month in which its period ends.
count_month as (
    select c.review_month, c.claim_src, c.offering_key,
        case when c.period_to >= m.month_start then c.review_month else {{ month_text('c.period_to') }} end as month
    from {{ ref('int_claim') }} as c
    inner join {{ ref('int_month') }} as m using (review_month)
    where c.subject = 'quantity'
),
counted as (
    select
        q.review_month, q.claim_src,
        {{ count_sum('a.defensible_count') }} as defensible, {{ count_sum('a.entitled') }} as entitled,
        bool_and(a.entitled is not null) as is_entitled_known,
        bool_and(a.assessability not like '%persons%') as is_count_whole,
        {{ count_sum('a.coverage_not_known') }} as coverage_not_known
    from count_month as q
    inner join {{ ref('auditor_count') }} as a on a.review_month = q.month and a.offering_key = q.offering_key
    group by q.review_month, q.claim_src
),
months_counted as (
    select q.review_month, q.claim_src, true as is_counted
    from count_month as q
    where q.month in (select a.review_month from {{ ref('auditor_count') }} as a)
),
-- Seats of perpetual licences of the offering whose release covers the one named, whatever their serial number.
perpetual as (
    select review_month, claim_src, {{ count_sum('seats') }} as seats
    from {{ ref('int_claim_licence') }} group by review_month, claim_src
),
-- Whether an inventory of a month of the period is whole, and knows the device; names of devices meet at all.
inventory as (
    select c.review_month, c.claim_src, min(d.drop) as drop_month
    from {{ ref('int_claim') }} as c
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_drop_input') }} as d on d.input = 'device_inventory' and d.is_complete
        and d.drop <= m.drop_month and d.drop >= {{ month_text('c.period_from') }}
        and d.drop <= {{ month_text('c.period_to') }}
    where c.device_key is not null and (c.has_period or d.drop = m.drop_month)
    group by c.review_month, c.claim_src
),
met as (
    select c.review_month, count(*) as devices_met
    from (select distinct review_month, device_key from {{ ref('int_claim') }} where device_key is not null) as c
    inner join {{ ref('int_inventory_device') }} using (review_month, device_key)
    group by c.review_month
),
excess as (
    select review_month, offering_key, max(gap_org) as gap_org
    from {{ ref('int_position') }} group by review_month, offering_key
),
joined as (
    select
        c.*, m.as_of, g.has_a, g.has_subscriptions, r.has_register, r.is_register_whole,
        coalesce(l.is_given, false) as has_people,
        k.d0, k.cutoff, k.is_use_known, k.hides_people, k.has_use,
        t.* {{ all_but('review_month, claim_src') }}, -- noqa: RF02
        -- A licence covers as many devices (else persons, else lines) as it has seats, in the order of their names.
        dense_rank() over (
            partition by c.review_month, c.offering_key, c.serial_key, t.perpetual_rows > 0,
                c.subject = 'quantity'
            order by coalesce(c.device_key, c.person_key, cast(c.claim_src as string))) as perpetual_place,
        q.defensible, q.entitled as count_entitled, q.is_entitled_known, q.is_count_whole,
        n.is_counted, coalesce(q.coverage_not_known, 0) as coverage_not_known,
        coalesce(p.seats, 0) as covering_seats, i.drop_month as inventory_month,
        coalesce(d.devices_met, 0) as devices_met, b.offering_key is not null as may_be_bought, v.gap_org,
        exists(select 1 from {{ ref('int_nlm_feature') }} as x where x.review_month = c.review_month
            and x.offering_key = c.offering_key) as is_network_offering,
        exists(select 1 from {{ ref('int_perpetual_licence') }} as y where y.review_month = c.review_month
            and y.serial_key = c.serial_key) as is_serial_registered,
        {{ concluded_of('LRT-07', 'c') }} as is_seat_list_whole,
        {{ concluded_of('USE-01', 'c') }} as is_use_of_person_known,
        {{ concluded('ENT-01', 'c') }} as are_subscriptions_whole
    from {{ ref('int_claim') }} as c
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join given as g using (review_month)
    inner join register as r using (review_month)
    inner join clock as k using (review_month)
    left join list_of_people as l using (review_month)
    inner join told as t on t.review_month = c.review_month and t.claim_src = c.claim_src
    left join counted as q on q.review_month = c.review_month and q.claim_src = c.claim_src
    left join months_counted as n on n.review_month = c.review_month and n.claim_src = c.claim_src
    left join perpetual as p on p.review_month = c.review_month and p.claim_src = c.claim_src
    left join inventory as i on i.review_month = c.review_month and i.claim_src = c.claim_src
    left join met as d using (review_month)
    left join {{ ref('int_claim_bought') }} as b on b.review_month = c.review_month and b.offering_key = c.offering_key
    left join excess as v on v.review_month = c.review_month and v.offering_key = c.offering_key
),
faced as (
    select
        j.*,
        j.perpetual_place <= j.perpetual_seats as is_perpetual_covered,
        -- Days covered by a perpetual licence alone are bare once its seats are used up by lines before.
        j.bare_days > 0 or (j.perpetual_use > 0 and j.perpetual_place > j.perpetual_seats) as is_bare,
        j.has_a and j.is_seat_list_whole as are_seats_whole,
        j.has_use and j.is_use_known and j.is_use_of_person_known and not j.hides_people
            -- A period that the line does not state ends where records are settled.
            and coalesce(j.d0 <= j.period_from and (j.period_to <= j.cutoff or not j.has_period), false)
            as is_use_whole,
        coalesce(j.defensible, 0) as our_count,
        coalesce(j.count_entitled, 0) + j.covering_seats as our_right
    from joined as j
),
decided as (
    select
        f.*,
        {{ claim_because() }} as because
    from faced as f
),
answered as (
    select
        d.*,
        {{ claim_answer('d.because') }} as answer,
        case when d.duplicate_of is null then coalesce(d.quantity, 1) end as claimed_quantity,
        case when d.because = 'over_entitlement' then least(d.quantity, d.our_count) - d.our_right else 1 end
            as short_by
    from decided as d
),
counted_once as (
    -- A seat is owed once, however many lines (of other days, say) name the same person or device for it.
    select
        a.*,
        case when a.answer = 'accepted' then first_value(a.claim_id) over (
            partition by a.review_month, a.answer, a.offering_key, a.subject,
                case a.subject when 'person' then a.person_key when 'device' then a.device_key else '' end
            order by a.claim_src rows unbounded preceding) end as first_of_seat,
        row_number() over (
            partition by a.review_month, a.answer, a.offering_key, a.subject,
                case a.subject when 'person' then a.person_key when 'device' then a.device_key else '' end
            order by a.claim_src) as place_of_seat
    from answered as a
),
priced as (
    select
        o.*,
        -- Of a line that cannot be proved it is not known what will be accepted.
        case when o.answer = 'not_provable' then null when o.answer <> 'accepted' or o.place_of_seat > 1 then 0
            else o.short_by end as accepted_quantity,
        case when o.answer = 'accepted' and o.place_of_seat > 1 then o.first_of_seat end as counted_in,
        x.list_price, x.list_currency, x.contract_price, x.contract_currency
    from counted_once as o
    left join {{ ref('int_claim_price') }} as x on x.review_month = o.review_month and x.offering_key = o.offering_key
)
select
    p.review_month, p.claim_id, cast(p.place as bigint) as place, p.product, p.version,
    p.person as claimed_person, p.device, p.serial, p.period, p.quantity, p.answer,
    {{ claim_reason('p') }} as reason,
    {{ claim_to_settle('p') }} as to_settle,
    p.because as reason_code, p.offering_key, p.person_key, p.period_from, p.period_to,
    cast(p.rows_for as bigint) as rows_for, cast(p.rows_against as bigint) as rows_against,
    {{ claim_marking('p.answer') }} as marking,
    cast(p.claimed_quantity as bigint) as claimed_quantity, cast(p.accepted_quantity as bigint) as accepted_quantity,
    p.counted_in,
    {{ money(['p.claimed_quantity', 'p.list_price']) }} as claimed_list,
    {{ money(['p.claimed_quantity', 'p.contract_price']) }} as claimed_contract,
    {{ money(['p.accepted_quantity', 'p.list_price']) }} as accepted_list,
    {{ money(['p.accepted_quantity', 'p.contract_price']) }} as accepted_contract,
    p.list_currency, p.contract_currency,
    {{ claim_internal_note('p') }} as internal_note
from priced as p
