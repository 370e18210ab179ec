-- FLX-01: at v_now the tokens end before the term. Grain: pool. Pools before min_elapsed_days are left out
-- (int_excluded_subject).
with found as (
    select
        p.review_month, p.team_alias,
        {{ days_between('p.term_end', 'p.exhaustion_date') }} as observed, 0 as threshold,
        p.shortfall_tokens as excess,
        {{ exact(['p.token_price', 'greatest(0, p.short_times_days)']) }} as exposure, p.v_days as exposure_over,
        p.currency, case when p.token_price is not null then 'contract' else 'none' end as price_basis,
        case when {{ days_between('p.term_end', 'p.exhaustion_date') }} > {{ param('FLX-01', 'near_days', 'p') }}
            then 'critical' else 'high' end as severity,
        'buy_tokens' as recommended_action, p.evidence,
        {{ plain_number('p.balance') }} || ' tokens are left; at ' || {{ plain_number('p.v_now') }}
            || ' a day they end on ' || p.exhaustion_date || ', the term on ' || p.term_end || '.' as detail
    from {{ ref('int_pool') }} as p
    where p.flx_01
)
select {{ finding('FLX-01', ['team_alias', 'excess', 'exposure', 'exposure_over']) }}
from found
