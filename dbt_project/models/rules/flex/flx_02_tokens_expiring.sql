-- FLX-02: running on at v_now, a pack that ends soon ends with tokens left. Grain: pool; scope = pack. Rows with the
-- same pack_id are one pack.
with ending as (
    select p.review_month, p.team_alias, {{ trimmed('p.pack_id') }} as pack_id, max(p.end_date) as end_date,
        sum(p.left_at_end) as left_at_end, {{ evidence('p.src') }} as evidence
    from {{ ref('int_flex_pack') }} as p
    inner join {{ ref('int_month') }} as m on m.review_month = p.review_month
    where p.left_at_end > 0 and p.end_date >= m.as_of
        and {{ days_between('p.end_date', 'm.as_of') }} <= {{ param('FLX-02', 'days', 'p') }}
    group by p.review_month, p.team_alias, {{ trimmed('p.pack_id') }}
)
select
    {{ finding(
        'FLX-02', observed='e.left_at_end', threshold='0', review_month='e.review_month', team='e.team_alias',
            scope='e.pack_id',
        severity="'high'", recommended_action="'use_or_move'", evidence='e.evidence',
        detail=plain_number('e.left_at_end') ~ " || ' tokens of the pack would expire after ' || e.end_date || '.'"
    ) }}
from ending as e
