-- Grain: (review_month, document, line_no, cost centre, kind): what a cost centre bears of an invoice line or token pack in the month. The cents of a line
-- are divided by largest remainder, so that every month, document and currency sums to what was invoiced.
with part as (
    select
        l.review_month, l.source, l.document, l.line_no, l.line_key, l.offering_key, l.currency, w.cost_centre, w.kind, w.units, l.month_cents,
        cast(w.weight as hugeint) as weight,
        cast(sum(w.weight) over (partition by l.review_month, l.document, l.line_no) as hugeint) as weight_all
    from {{ ref('int_charge_month') }} as l
    inner join {{ ref('int_charge_weight') }} as w on w.review_month = l.review_month and w.document = l.document and w.line_no = l.line_no
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
            order by cast(abs(w.month_cents) as hugeint) * w.weight - cast(w.cents as hugeint) * w.weight_all desc, w.cost_centre, w.kind) as place
    from whole as w
)
select
    r.review_month, r.source, r.document, r.line_no, r.line_key as contract_number, r.offering_key, r.cost_centre, r.kind, r.units,
    cast(cast(sign(r.month_cents) as bigint) * (r.cents + case when r.place <= r.cents_left then 1 else 0 end) * cast(0.01 as decimal(3,2)) as decimal(18,2)) as amount,
    r.currency
from ranked as r
