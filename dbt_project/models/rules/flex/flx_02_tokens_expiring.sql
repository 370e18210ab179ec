-- FLX-02: running on at v_now, a pack that ends soon ends with tokens left. Grain: pool; scope = pack. Rows with the
-- same pack_id are one pack.
with ending as (
    select p.review_month, p.team_alias, {{ trimmed('p.pack_id') }} as pack_id, max(p.end_date) as end_date,
        sum(p.left_at_end) as left_at_end, {{ evidence('p.src') }} as evidence
    from {{ ref('int_flex_pack') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
    where p.left_at_end > 0 and p.end_date >= m.as_of
        and {{ days_between('p.end_date', 'm.as_of') }} <= {{ param('FLX-02', 'days', 'p') }}
    group by p.review_month, p.team_alias, {{ trimmed('p.pack_id') }}
),
found as (
    select
        e.review_month, e.team_alias, e.pack_id as scope,
        e.left_at_end as observed, 0 as threshold, 'high' as severity,
        'use_or_move' as recommended_action, e.evidence,
        {{ plain_number('e.left_at_end') }} || ' tokens of the pack would expire after ' || e.end_date || '.' as detail
    from ending as e
)
select {{ finding('FLX-02', ['team_alias', 'scope']) }}
from found
