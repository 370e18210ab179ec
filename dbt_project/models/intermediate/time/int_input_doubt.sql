-- Grain: (input, months_back) of which something could not be taken as it stands: rows rejected, cells of optional
-- columns that could not be read, rows with a value that no value table knows. months_back: 0 = drop(M), 1 = drop(M-1),
-- 3 = drop(M-3). Holds no judgement: which rules are in doubt for it is int_assessability's.
with told as (
    select f.drop, f.input, cast(f.rows_rejected as bigint) as rejected_rows, cast(0 as bigint) as unread_cells,
        cast(0 as bigint) as unknown_rows
    from {{ source('raw', 'file_register') }} as f
    where f.rows_rejected > 0
    union all
    select c.drop, c.input, 0, c.cells, 0 from {{ source('raw', 'unread_cell') }} as c
    union all
    select v.drop, v.input, 0, 0, v.value_rows from {{ source('raw', 'unknown_value') }} as v
),
looked_at as (
    {{ drops_looked_at() }}
)
select
    d.review_month, t.input, d.months_back,
    cast(sum(t.rejected_rows) as bigint) as rejected_rows, cast(sum(t.unread_cells) as bigint) as unread_cells,
        cast(sum(t.unknown_rows) as bigint) as unknown_rows
from looked_at as d
inner join told as t on t.drop = d.drop_month
where t.input is not null
group by d.review_month, t.input, d.months_back
