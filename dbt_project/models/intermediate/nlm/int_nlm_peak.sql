-- Grain: feature of the logs: its greatest concurrency in M in each way of counting, what is issued, and the stretch of
-- M in which most is over it.
-- What was open before M counts. peak: counted as the licence's DUP_GROUP says (one by one where there is no licence).
with feature_no as (
    select distinct review_month, feature, feature_no from {{ ref('int_nlm_handle') }}
),
stretch as (
    select i.*, f.feature_no
    from {{ ref('int_nlm_issued') }} as i
    inner join feature_no as f on f.review_month = i.review_month and f.feature = i.feature
),
summed as (
    select
        s.review_month, s.feature, s.feature_no, s.from_day, s.to_day, c.way,
        max(case when c.sequence_at >= s.from_day then c.total end) as within,
        {{ greatest_by('c.total', 'c.place', where='c.sequence_at < s.from_day') }} as before,
        max(case when c.sequence_at < s.from_day then c.place end) as before_place
    from stretch as s
    inner join {{ ref('int_nlm_count') }} as c
        on c.review_month = s.review_month and c.feature_no = s.feature_no
            and c.sequence_at < {{ add_days('s.to_day', 1) }}
    group by s.review_month, s.feature, s.feature_no, s.from_day, s.to_day, c.way
),
moment as (
    -- The first moment of the greatest number; a later one of it, in whatever stretch, stands after it.
    select x.review_month, x.feature, x.from_day, x.way, min(c.place) as place, min(c.sequence_at) as peak_at
    from summed as x
    inner join {{ ref('int_nlm_count') }} as c
        on c.review_month = x.review_month and c.way = x.way and c.feature_no = x.feature_no and c.total = x.within
        and c.sequence_at >= x.from_day
    where x.within > coalesce(x.before, 0)
    group by x.review_month, x.feature, x.from_day, x.way
),
highest as (
    select
        x.review_month, x.feature, x.from_day, x.way, greatest(coalesce(x.within, 0), coalesce(x.before, 0)) as peak,
        coalesce(m.place, x.before_place) as peak_place,
        coalesce(m.peak_at, cast(x.from_day as timestamp)) as peak_at
    from summed as x
    left join moment as m using (review_month, feature, from_day, way)
),
counted as (
    select
        s.review_month, s.feature, s.feature_no, s.from_day, s.to_day, s.way, s.has_licence, s.is_uncounted, s.issued,
            s.evidence as licence_evidence,
        coalesce(h.peak, 0) as peak, h.peak_at, h.peak_place
    from stretch as s
    left join highest as h using (review_month, feature, from_day, way)
),
every_way as (
    select
        review_month, feature,
        max(case when way = 'handles' then peak end) as peak_handles,
        max(case when way = 'pairs' then peak end) as peak_pairs,
        max(case when way = 'users' then peak end) as peak_users,
        max(case when way = 'hosts' then peak end) as peak_hosts
    from highest
    group by review_month, feature
)
select
    c.*,
    coalesce(e.peak_handles, 0) as peak_handles, coalesce(e.peak_pairs, 0) as peak_pairs,
    coalesce(e.peak_users, 0) as peak_users, coalesce(e.peak_hosts, 0) as peak_hosts
from counted as c
left join every_way as e on e.review_month = c.review_month and e.feature = c.feature
qualify row_number() over (
    partition by c.review_month, c.feature
    order by c.peak - c.issued desc nulls last, c.peak desc, c.from_day) = 1
