-- Grain: rows of every drop up to the horizon of the month, starts and exits of daemons among them; lines of
-- overlapping files count once in int_nlm_event. Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.line_number,
    r.event_at,
    r.sequence_at,
    r.operation,
    r.feature,
    r.user_name,
    r.host,
    r.licences,
    r.is_reservation,
    r.reason,
    r.reason_code,
    r.daemon,
    r.server,
    r._drop as drop_month,
    r._file_no as file_no,
    r._file_rank as file_rank,
    r._row_number as row_number,
    r._src as src
from {{ source('raw', 'nlm_log') }} as r
inner join {{ drops_seen() }} as m on m.drop = r._drop
