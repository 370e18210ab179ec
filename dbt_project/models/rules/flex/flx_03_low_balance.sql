-- FLX-03: the balance is low against what was bought. Grain: pool.
select
    {{ finding(
        'FLX-03', observed='p.balance', threshold='p.low_balance', excess='p.low_balance - p.balance',
            review_month='p.review_month', team='p.team_alias',
        severity="'high'", recommended_action="'buy_tokens'", evidence='p.evidence',
        detail=plain_number('p.balance') ~ " || ' of ' || " ~ plain_number('p.purchased') ~ " || ' tokens are left.'"
    ) }}
from {{ ref('int_pool') }} as p
where p.flx_03
