-- Grain: feature of the logs (folded code): what it is, peak and issue, denials, and the rows behind them. A code
-- without an alias has no offering and is kept: its own text says what it is.
with coded as (
    select review_month, feature, min(feature_code) as feature_code
    from {{ ref('int_nlm_handle') }}
    group by review_month, feature
),
over_issue as (
    select * from {{ ref('int_nlm_peak') }} where peak > issued and not is_uncounted
),
ends as (
    select review_month, daemon_no, place from {{ ref('int_nlm_event') }} where is_end = 1
),
held as (
    -- Who held the feature at the peak: the last row of each feature, user and host up to it, with no start or exit
    -- since.
    select l.review_month, l.handle, l.daemon_no, l.place, l.level, p.feature, p.peak_place
    from {{ ref('int_nlm_level') }} as l
    inner join over_issue as p on p.review_month = l.review_month and p.feature_no = l.feature_no
        and l.place <= p.peak_place
    qualify row_number() over (partition by l.review_month, l.handle order by l.place desc) = 1
),
open_handle as (
    select h.* from held as h
    where h.level > 0
        and not exists (
            select 1 from ends as x
            where x.review_month = h.review_month and x.daemon_no = h.daemon_no and x.place > h.place
                and x.place <= h.peak_place)
),
check_out as (
    select l.review_month, o.feature, l.src
    from {{ ref('int_nlm_level') }} as l
    inner join open_handle as o on o.review_month = l.review_month and o.handle = l.handle and l.place <= o.peak_place
    where l.operation = 'OUT'
    qualify row_number() over (partition by l.review_month, l.handle order by l.place desc) = 1
),
rows_of_peak as (
    select review_month, feature, {{ evidence('src') }} as evidence, count(*) as evidence_rows
    from check_out
    group by review_month, feature
)
select
    c.review_month, c.feature, c.feature_code,
    a.offering_key,
    coalesce(k.kind, {{ kind_of_code('c.feature') }}) as kind,
    k.name as published_name,
    coalesce(k.release, nullif(regexp_extract(c.feature, '_([0-9]{4})_[0-9]f$', 1), '')) as release,
    p.has_licence, p.is_uncounted, p.issued, p.way, p.peak, p.peak_at, p.peak_handles, p.peak_pairs, p.peak_users,
        p.peak_hosts,
    coalesce(d.denials, 0) as denials, coalesce(d.attempts, 0) as denied_attempts, coalesce(d.lost, 0) as lost_attempts,
    e.evidence as peak_evidence, coalesce(e.evidence_rows, 0) as peak_evidence_rows, p.licence_evidence,
        d.evidence as denial_evidence
from coded as c
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ ref('int_nlm_peak') }} as p using (review_month, feature)
left join {{ ref('int_nlm_denial') }} as d using (review_month, feature)
left join rows_of_peak as e using (review_month, feature)
left join {{ source('reference', 'product_aliases') }} as a
    on a.review_month = c.review_month and a.alias = c.feature and a.valid_from <= m.as_of and m.as_of <= a.valid_to
left join (
    select {{ fold('feature_code') }} as feature, max(kind) as kind, max(name) as name, max(release) as release
    from {{ source('reference', 'feature_codes') }}
    group by {{ fold('feature_code') }}
) as k on k.feature = c.feature
