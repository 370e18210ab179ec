-- Grain: server of the status texts of drop(M) that did not answer when it was asked last: what it issues and who uses
-- it is not known, which is not none.
-- was_silent_before: so it was in the drop of the month before.
with told as (
    select m.review_month, r._drop = m.drop_month as is_now,
        coalesce(nullif({{ short_server('r.server') }}, ''), '(not named)') as server, r.kind, r.status_at, r.message,
        r._src as src,
        r._file_rank as file_rank, r.line_number
    from {{ ref('int_month') }} as m
    inner join {{ source('raw', 'nlm_status') }} as r on r._drop in (m.drop_month, m.prev_month)
    where r.kind in ('silent', 'feature')
),
latest as (
    select * from told
    qualify row_number() over (
        partition by review_month, is_now, server order by status_at desc nulls last, file_rank desc,
            line_number desc) = 1
)
select n.review_month, n.server, n.status_at, n.message, b.server is not null as was_silent_before, n.src
from latest as n
left join latest as b on b.review_month = n.review_month and not b.is_now and b.server = n.server and b.kind = 'silent'
where n.is_now and n.kind = 'silent'
