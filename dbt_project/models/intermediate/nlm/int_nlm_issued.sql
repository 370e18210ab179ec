-- Grain: feature, stretch of days of M in which the licence files of drop(M) issue the same number. Features of the
-- logs without a licence line have one stretch and no number. Not counted: packages (their seats stand on the line of
-- the same name), lines that a later one replaces, the order of cascading, and `nfr:` (not for resale: no purchased
-- right).
with line as (
    select
        l.review_month, {{ fold('l.feature') }} as feature, coalesce(l.licences, 0) as licences,
            coalesce(l.is_uncounted, false) as is_uncounted,
        coalesce(l.start_on, cast('1900-01-01' as date)) as start_on,
            coalesce(l.expires_on, cast('9999-12-30' as date)) as expires_on,
        l.dup_group, coalesce({{ lower_case('l.vendor_string') }} like 'nfr:%', false) as is_nfr, l.src
    from {{ ref('stg_outside__nlm_licence') }} as l
    where
        l.kind in ('INCREMENT', 'FEATURE')
        and not coalesce(l.is_superseded, false) and not coalesce(l.is_priority_list, false)
),
features as (
    select review_month, feature from {{ ref('int_nlm_handle') }}
    union
    select review_month, feature from line
),
point as (
    select f.review_month, f.feature, m.month_start as day from features as f
        inner join {{ ref('int_month') }} as m using (review_month)
    union
    select l.review_month, l.feature, l.start_on as day
    from line as l inner join {{ ref('int_month') }} as m using (review_month)
    where l.start_on > m.month_start and l.start_on <= m.as_of
    union
    select l.review_month, l.feature, {{ add_days('l.expires_on', 1) }} as day
    from line as l inner join {{ ref('int_month') }} as m using (review_month)
    where l.expires_on >= m.month_start and l.expires_on < m.as_of
),
stretch as (
    select p.review_month, p.feature, p.day as from_day,
        coalesce({{ add_days('lead(p.day) over (partition by p.review_month, p.feature order by p.day)', -1) }},
            m.as_of) as to_day
    from point as p
    inner join {{ ref('int_month') }} as m using (review_month)
),
letters as (
    -- Of several lines of a feature the one with most licences says who takes a licence once.
    select review_month, feature,
        case
            when dup_group like '%U%' and dup_group like '%H%' then 'pairs'
            when dup_group like '%U%' then 'users'
            when dup_group like '%H%' then 'hosts'
            else 'handles'
        end as way
    from line
    qualify row_number() over (partition by review_month, feature order by licences desc, dup_group nulls last, src) = 1
)
select
    s.review_month, s.feature, s.from_day, s.to_day,
    coalesce(max(w.way), 'handles') as way,
    max(w.way) is not null as has_licence,
    coalesce(bool_or(l.is_uncounted and not l.is_nfr), false) as is_uncounted,
    case when max(w.way) is not null then coalesce(sum(case when not l.is_nfr then l.licences end), 0) end as issued,
    {{ evidence('l.src') }} as evidence
from stretch as s
left join letters as w using (review_month, feature)
left join line as l on l.review_month = s.review_month and l.feature = s.feature and l.start_on <= s.from_day
    and s.from_day <= l.expires_on
group by s.review_month, s.feature, s.from_day, s.to_day
