-- FLX-02: running on at v_now, a pack that ends soon ends with tokens left. Grain: pool; scope = pack.
select
    {{ finding(
        'FLX-02', observed='p.left_at_end', threshold='0', review_month='p.review_month', team='p.team_alias', scope='trim(p.pack_id)',
        severity="'high'", recommended_action="'use_or_move'", evidence=evidence_of('p.src'),
        detail=plain_number('p.left_at_end') ~ " || ' tokens of the pack would expire after ' || p.end_date || '.'"
    ) }}
from {{ ref('int_flex_pack') }} as p
inner join {{ ref('int_month') }} as m on m.review_month = p.review_month
where p.left_at_end > 0 and p.end_date >= m.as_of
    and {{ days_between('p.end_date', 'm.as_of') }} <= {{ param('FLX-02', 'days', 'p') }}
