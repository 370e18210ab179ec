-- Grain: server, daemon, feature, user, host of the logs: the log has no handles, so check-outs are told apart by
-- these. Texts become numbers here:
-- levels and counts are made over numbers. line_key: feature, user and host alone, by which overlapping files repeat a
-- line.
with distinct_ as (
    select review_month, server_key, daemon, feature, user_key, host_key, min(feature_code) as feature_code
    from {{ ref('int_nlm_line') }}
    where operation in ('OUT', 'IN', 'DENIED')
    group by review_month, server_key, daemon, feature, user_key, host_key
)
select
    d.*,
    row_number() over (partition by review_month order by server_key, daemon, feature, user_key, host_key) as handle,
    dense_rank() over (partition by review_month order by feature, user_key, host_key) as line_key,
    dense_rank() over (partition by review_month order by server_key, daemon, feature, user_key) as user_no,
    dense_rank() over (partition by review_month order by server_key, daemon, feature, host_key) as host_no,
    dense_rank() over (partition by review_month order by feature) as feature_no,
    dense_rank() over (partition by review_month order by server_key, daemon) as daemon_no
from distinct_ as d
