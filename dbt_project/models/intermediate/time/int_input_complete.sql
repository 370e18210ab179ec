-- Grain: (input, months_back) with a loaded file in that drop: is the input whole there, and if not, what says so.
-- months_back: 0 = drop(M), 1 = drop(M-1), 3 = drop(M-3).
-- Nothing is concluded from a row that is not in an input that is not whole.
with looked_at as (
    {{ drops_looked_at() }}
)
select d.review_month, w.input, d.months_back, w.drop as drop_month, w.is_complete, w.only_fewer_rows, w.reason,
    w.rows_loaded, w.rows_before, w.drop_before
from looked_at as d
inner join {{ ref('int_drop_input') }} as w on w.drop = d.drop_month
