-- Grain: rows of drop(M), features and servers among the users. Renames only; nothing is joined but the months of the
-- run.
select
    m.review_month,
    r.line_number,
    r.kind,
    r.status_at,
    r.server,
    r.daemon,
    r.feature,
    r.issued,
    r.in_use,
    r.reserved,
    r.expires_on,
    r.user_name,
    r.host,
    r.display,
    r.component,
    r.version,
    r.handle,
    r.started_at,
    r.licences,
    r.is_queued,
    r.is_borrowed,
    r.is_name_ambiguous,
    r.message,
    r._drop as drop_month,
    r._file_no as file_no,
    r._file_rank as file_rank,
    r._row_number as row_number,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'nlm_status') }} as r on r._drop = m.drop_month
