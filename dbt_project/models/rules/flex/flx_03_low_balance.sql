-- FLX-03: the balance is low against what was bought. Grain: pool.
with found as (
    select
        p.review_month, p.team_alias,
        p.balance as observed, p.low_balance as threshold, p.low_balance - p.balance as excess,
        'high' as severity, 'buy_tokens' as recommended_action, p.evidence,
        {{ plain_number('p.balance') }} || ' of ' || {{ plain_number('p.purchased') }} || ' tokens are left.' as detail
    from {{ ref('int_pool') }} as p
    where p.flx_03
)
select {{ finding('FLX-03', ['team_alias', 'excess']) }}
from found
