-- Grain: (input, months_back) with a loaded file in that drop: is the input whole there, and if not, what says so.
-- months_back: 0 = drop(M), 1 = drop(M-1), 3 = drop(M-3).
-- Nothing is concluded from a row that is not in an input that is not whole.
with looked_at as (
    select review_month, 0 as months_back, drop_month from {{ ref('int_month') }}
    union all
    select review_month, 1, prev_month from {{ ref('int_month') }}
    union all
    select review_month, 3, month_minus_3 from {{ ref('int_month') }}
)
select d.review_month, w.input, d.months_back, w.drop as drop_month, w.is_complete, w.only_fewer_rows, w.reason,
    w.rows_loaded, w.rows_before, w.drop_before
from looked_at as d
inner join {{ ref('int_drop_input') }} as w on w.drop = d.drop_month
