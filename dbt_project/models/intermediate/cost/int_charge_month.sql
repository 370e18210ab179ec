-- Grain: (document, line_no) with a share in the review month: the cents of the month. Shares go by days and are
-- differences of rounded running totals, so the months of a period add up to the line. A line that renews yearly is
-- charged anew each year.
with yearly as (
    select
        l.*, m.month_start, {{ add_days('m.as_of', 1) }} as month_end,
        case when l.renews_yearly
            then {{ add_months('l.period_start', "12 * cast(floor(cast(greatest(0, "
                ~ days_between('m.month_start', 'l.period_start') ~ ") as double) / 365.2425) as integer)") }}
            else l.period_start end as year_start
    from {{ ref('int_charge_line') }} as l
    inner join {{ ref('int_month') }} as m using (review_month)
    where l.period_start < {{ add_days('m.as_of', 1) }} and (l.period_end is null or l.period_end > m.month_start)
),
piece as (
    select
        y.*, y.year_start as piece_start, case when y.renews_yearly then {{ add_months('y.year_start', 12) }}
            else y.period_end end as piece_end
    from yearly as y
    union all
    -- The month in which a year of the line ends belongs to two of them.
    select y.*, {{ add_months('y.year_start', 12) }}, {{ add_months('y.year_start', 24) }}
    from yearly as y
    where y.renews_yearly and {{ add_months('y.year_start', 12) }} < y.month_end
),
running as (
    select
        p.*,
        {{ days_between('p.piece_end', 'p.piece_start') }} as days_all,
        greatest(0, {{ days_between("least(p.month_end, p.piece_end, coalesce(p.period_end, p.piece_end))",
            'p.piece_start') }}) as days_to_end,
        greatest(0, {{ days_between("least(p.month_start, p.piece_end, coalesce(p.period_end, p.piece_end))",
            'p.piece_start') }}) as days_to_start
    from piece as p
),
-- Days of the whole twice over, so that half a cent is a whole number; a credit is divided as an invoice is.
divided as (
    select
        r.*,
        {{ whole_share('abs(r.amount_cents)', '2 * r.days_to_end', '2 * r.days_all') }} as cents_to_end,
        {{ whole_share_rest('abs(r.amount_cents)', '2 * r.days_to_end', '2 * r.days_all') }} as rest_to_end,
        {{ whole_share('abs(r.amount_cents)', '2 * r.days_to_start', '2 * r.days_all') }} as cents_to_start,
        {{ whole_share_rest('abs(r.amount_cents)', '2 * r.days_to_start', '2 * r.days_all') }} as rest_to_start
    from running as r
    where r.days_all > 0
)
select
    review_month, source, document, line_no, document_date, line_key, team_alias, offering_key, is_token, quantity,
        currency,
    cast(sum(cast(sign(amount_cents) as integer) * (cents_to_end - cents_to_start
        + case when rest_to_end >= days_all then 1 else 0 end - case when rest_to_start >= days_all then 1
            else 0 end)) as {{ whole_type() }}) as month_cents
from divided
group by review_month, source, document, line_no, document_date, line_key, team_alias, offering_key, is_token, quantity,
    currency
