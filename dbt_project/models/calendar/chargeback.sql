-- Grain: (review_month, document, line_no, cost centre, kind): what a cost centre bears of an invoice line or token
-- pack in the month. The cents of a line are divided by largest remainder, so that every month, document and currency
-- sums to what was invoiced.
with part as (
    select
        l.review_month, l.source, l.document, l.line_no, l.line_key, l.offering_key, l.currency, w.cost_centre, w.kind,
            w.units, l.month_cents,
        w.weight, sum(w.weight) over (partition by l.review_month, l.document, l.line_no) as weight_all
    from {{ ref('int_charge_month') }} as l
    inner join {{ ref('int_charge_weight') }} as w using (review_month, document, line_no)
),
whole as (
    select p.*, {{ whole_share('abs(p.month_cents)', 'p.weight', 'p.weight_all') }} as cents
    from part as p
),
ranked as (
    select
        w.*,
        abs(w.month_cents) - sum(w.cents) over (partition by w.review_month, w.document, w.line_no) as cents_left,
        row_number() over (
            partition by w.review_month, w.document, w.line_no
            order by {{ whole_share_rest('abs(w.month_cents)', 'w.weight', 'w.weight_all') }} desc,
                w.cost_centre nulls last, w.kind) as place
    from whole as w
)
select
    r.review_month, r.source, r.document, r.line_no, r.line_key as contract_number, r.offering_key, r.cost_centre,
        r.kind, r.units,
    {{ money_of_cents(
        'cast(sign(r.month_cents) as integer) * (r.cents + case when r.place <= r.cents_left then 1 else 0 end)'
    ) }} as amount,
    r.currency
from ranked as r
