{{ config(materialized='view') }}
-- Grain: line of the licence servers' logs in drops up to M, not later than as_of, that is an operation or a start or
-- exit of a daemon. A view: a log has millions of lines, and texts become numbers in int_nlm_handle.
-- Names are compared without case. A line of a log that names no server belongs to the only server there is, else to
-- the nameless one.
select
    l.review_month,
    l.operation,
    l.event_at,
    l.sequence_at,
    coalesce(l.licences, 0) as licences,
    coalesce({{ lower_case('l.server') }}, o.server_key, '') as server_key,
    {{ lower_case('l.daemon') }} as daemon,
    {{ fold('l.feature') }} as feature,
    l.feature as feature_code,
    {{ lower_case("coalesce(l.user_name, '')") }} as user_key,
    {{ lower_case("coalesce(l.host, '')") }} as host_key,
    l.file_no,
    l.line_number,
    l.src
from {{ ref('stg_outside__nlm_log') }} as l
inner join {{ ref('int_month') }} as m using (review_month)
left join {{ ref('int_nlm_server') }} as o using (review_month)
where
    l.event_at < {{ add_days('m.as_of', 1) }}
    and l.operation in ('OUT', 'IN', 'DENIED', 'START', 'EXIT')
    and not coalesce(l.is_reservation, false)
