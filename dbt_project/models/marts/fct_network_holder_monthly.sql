-- Grain: (review_month, server, feature, user, host): who held network licences at the moment of the status, by the
-- status or by the log.
select
    h.review_month, {{ month_begin('h.review_month') }} as month_start,
    h.server, h.feature, h.user_name, h.host, t.status_at, h.started_at,
    cast({{ seconds_between('t.status_at', 'h.started_at') }} as double) / 3600 as hours_held,
    h.listed as licences_listed, h.borrowed, h.queued, h.log_open,
    case
        when h.listed = 0 and h.queued > 0 then 'queued'
        when h.log_open is null then 'not_known'
        when h.listed > h.log_open then 'not_in_log'
        when h.listed < h.log_open then 'not_in_status'
        else 'in_both'
    end as in_log
from {{ ref('int_nlm_hold') }} as h
inner join {{ ref('int_nlm_status') }} as t using (review_month, server, feature)
