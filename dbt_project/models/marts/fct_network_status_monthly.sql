-- Grain: (review_month, server, feature): what the licence server said at one moment, held against the licence file of
-- the drop and against the log.
-- A server that did not answer has one row, without numbers: they are not known.
with held as (
    select review_month, server, feature,
        {{ count_sum('listed') }} as listed, {{ count_sum('borrowed') }} as borrowed,
            {{ count_sum('queued') }} as queued,
        {{ count_sum('over_a_day') }} as over_a_day, count(distinct case when listed > 0 then user_key end) as users,
        case when count(*) = count(log_open) then {{ count_sum('log_open') }} end as log_open,
        case when count(*) = count(log_open) then {{ count_sum('greatest(0, listed - log_open)') }} end as not_in_log,
        case when count(*) = count(log_open) then {{ count_sum('greatest(0, log_open - listed)') }} end as not_in_status
    from {{ ref('int_nlm_hold') }}
    group by review_month, server, feature
),
joined as (
    select
        t.*, coalesce(h.listed, 0) as listed, coalesce(h.borrowed, 0) as borrowed, coalesce(h.queued, 0) as queued,
            coalesce(h.over_a_day, 0) as over_a_day,
        coalesce(h.users, 0) as users, h.log_open, h.not_in_log, h.not_in_status,
        case when i.has_licence and not i.is_uncounted then i.issued end as file_issued, f.peak
    from {{ ref('int_nlm_status') }} as t
    left join held as h on h.review_month = t.review_month and h.server = t.server and h.feature = t.feature
    left join {{ ref('int_nlm_issued') }} as i
        on i.review_month = t.review_month and i.feature = t.feature and i.from_day <= cast(t.status_at as date)
            and cast(t.status_at as date) <= i.to_day
    left join {{ ref('int_nlm_feature') }} as f on f.review_month = t.review_month and f.feature = t.feature
)
select
    j.review_month, {{ month_begin('j.review_month') }} as month_start,
    j.server, j.feature, j.feature_code, coalesce(k.kind, {{ kind_of_code('j.feature') }}) as kind,
        a.offering_key, j.status_at,
    cast(j.issued as bigint) as issued, cast(j.file_issued as bigint) as issued_by_licence_file,
        cast(j.in_use as bigint) as in_use, cast(j.reserved as bigint) as reserved,
    j.users, j.listed as licences_listed, j.borrowed, j.queued, j.over_a_day as held_over_a_day,
        cast(j.peak as bigint) as peak_of_month,
    j.log_open, j.not_in_log, j.not_in_status, j.expires_on,
    nullif(concat_ws('; ', j.remark,
        case when j.issued <> j.file_issued then 'the server issues ' || j.issued || ', the licence file '
            || j.file_issued end,
        case when j.not_in_log > 0 then j.not_in_log || ' held that the log does not show as out' end,
        case when j.not_in_status > 0 then j.not_in_status || ' out by the log that the server does not list' end,
        case when j.expires_on < cast(j.status_at as date) then 'expired on ' || j.expires_on end), '') as difference
from joined as j
inner join {{ ref('int_month') }} as m using (review_month)
left join {{ source('reference', 'product_aliases') }} as a
    on a.review_month = j.review_month and a.alias = j.feature and a.valid_from <= m.as_of and m.as_of <= a.valid_to
left join (
    select {{ fold('feature_code') }} as feature, max(kind) as kind
        from {{ source('reference', 'feature_codes') }} group by {{ fold('feature_code') }}
) as k on k.feature = j.feature
union all
select
    s.review_month, {{ month_begin('s.review_month') }} as month_start,
    s.server, '(no answer)', null, null, null, s.status_at, null, null, null, null, null, null, null,
        null, null, null, null, null, null, null,
    'the server did not answer: ' || s.message || case
        when s.was_silent_before then '; nor in the drop of the month before' else '' end
from {{ ref('int_nlm_silent') }} as s
