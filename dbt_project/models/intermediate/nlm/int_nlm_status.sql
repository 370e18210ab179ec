-- Grain: (server, feature) of the status texts of drop(M), of each the latest: what the server said at that moment. A
-- server that did not answer names no feature and has no row. feature_line: where its users' lines begin in the file.
select
    s.review_month, {{ short_server('s.server') }} as server, {{ fold('s.feature') }} as feature,
        s.feature as feature_code,
    s.status_at, s.issued, s.in_use, coalesce(s.reserved, 0) as reserved, s.expires_on, case
        when s.issued is not null then s.message end as remark, s.file_no, s.line_number as feature_line, s.src
from {{ ref('stg_outside__nlm_status') }} as s
where s.kind = 'feature' and s.status_at is not null
qualify row_number() over (
    partition by s.review_month, {{ short_server('s.server') }}, {{ fold('s.feature') }} order by s.status_at desc,
        s.file_rank desc, s.line_number desc) = 1
