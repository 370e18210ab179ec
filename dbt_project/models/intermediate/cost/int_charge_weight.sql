-- Grain: (document, line_no, cost centre, kind): who bears how much of a line (weight), and for how many seats or
-- tokens (units). Seats and ghosts are borne by the cost centre that holds them, stock that nobody holds by all that
-- hold some, in proportion; tokens by their use. What nobody holds or uses at all is `unused_stock` of `(none)`. The
-- weights of a line add up to less than 10^19 (macro whole_share): longer ones lose digits that no cent depends on.
with line as (
    select l.review_month, l.document, l.line_no, l.line_key, l.team_alias, l.offering_key, l.is_token, l.quantity
        from {{ ref('int_charge_month') }} as l
),
seat as (
    select
        l.review_month, l.document, l.line_no, h.cost_centre, h.kind, h.micro_seats, l.quantity,
        sum(h.micro_seats) over (partition by l.review_month, l.document, l.line_no) as held
    from line as l
    inner join {{ ref('int_charge_holder') }} as h using (review_month, line_key, offering_key)
    where not l.is_token and h.micro_seats > 0
),
stock as (
    select
        review_month, document, line_no, cost_centre, sum(micro_seats) as micro_seats, max(held) as held,
        greatest(0, cast(max(quantity) * 1000000 as {{ whole_type() }}) - cast(max(held) as {{ whole_type() }})) as
            spare
    from seat
    group by review_month, document, line_no, cost_centre
),
token as (
    select l.review_month, l.document, l.line_no, t.cost_centre, sum(t.parts) as parts
    from line as l
    inner join {{ ref('int_charge_token') }} as t on t.review_month = l.review_month
        and (l.team_alias is null or t.team_alias = l.team_alias)
    where l.is_token
    group by l.review_month, l.document, l.line_no, t.cost_centre
),
found as (
    select review_month, document, line_no, cost_centre, kind, cast(micro_seats as {{ whole_type() }}) as weight,
        cast(micro_seats as double) / 1000000 as units from seat
    union all
    select
        review_month, document, line_no, cost_centre, 'unused_stock',
        cast({{ whole_share('spare', 'micro_seats', 'held') }} as {{ whole_type() }}),
        cast(spare as double) * cast(micro_seats as double) / cast(held as double) / 1000000
    from stock
    where spare > 0
    union all
    select review_month, document, line_no, cost_centre, 'tokens', cast(parts as {{ whole_type() }}),
        cast(parts as double) / 10000 from token
)
select
    f.review_month, f.document, f.line_no, f.cost_centre, f.kind,
    cast(greatest(1,
        {{ quotient(whole('f.weight'),
        quotient(whole('sum(f.weight) over (partition by f.review_month, f.document, f.line_no)'),
        whole('1000000000000000000')) ~ ' + 1') }}) as {{ whole_type() }}) as weight, f.units
from found as f
where f.weight > 0
union all
select l.review_month, l.document, l.line_no, '(none)', 'unused_stock', cast(1 as {{ whole_type() }}),
    cast(l.quantity as double)
from line as l
where not exists (select 1 from found as f where f.review_month = l.review_month and f.document = l.document
    and f.line_no = l.line_no and f.weight > 0)
