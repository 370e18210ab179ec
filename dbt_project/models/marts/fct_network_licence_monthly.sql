-- Grain: (review_month, feature): network licences by feature code: issued, greatest concurrency in each way of
-- counting, denials. Codes without an alias are here too, with what their own text and the published list say.
select
    f.review_month, {{ month_begin('f.review_month') }} as month_start,
    f.feature, f.feature_code, f.kind, f.release, f.published_name,
    f.offering_key, f.offering_key is not null as is_mapped,
    cast(f.issued as bigint) as issued, f.is_uncounted, f.way as counted_by, cast(f.peak as bigint) as peak, f.peak_at,
    cast(f.peak_handles as bigint) as peak_handles, cast(f.peak_pairs as bigint) as peak_pairs,
    cast(f.peak_users as bigint) as peak_users, cast(f.peak_hosts as bigint) as peak_hosts,
    f.denials, f.denied_attempts, f.lost_attempts
from {{ ref('int_nlm_feature') }} as f
