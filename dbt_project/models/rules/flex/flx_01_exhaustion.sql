-- FLX-01: at v_now the tokens end before the term. Grain: pool. Pools before min_elapsed_days are left out
-- (int_excluded_subject).
select
    {{ finding(
        'FLX-01', observed=days_between('p.term_end', 'p.exhaustion_date'), threshold='0', excess='p.shortfall_tokens',
            review_month='p.review_month',
        team='p.team_alias', exposure=['p.token_price', 'greatest(0, p.short_times_days)'], exposure_over='p.v_days',
            currency='p.currency', price_basis="case when p.token_price is not null then 'contract' else 'none' end",
        severity="case when " ~ days_between('p.term_end', 'p.exhaustion_date') ~ " > "
            ~ param('FLX-01', 'near_days', 'p') ~ " then 'critical' else 'high' end",
        recommended_action="'buy_tokens'", evidence='p.evidence',
        detail=plain_number('p.balance') ~ " || ' tokens are left; at ' || " ~ plain_number('p.v_now')
            ~ " || ' a day they end on ' || p.exhaustion_date || ', the term on ' || p.term_end || '.'"
    ) }}
from {{ ref('int_pool') }} as p
where p.flx_01
