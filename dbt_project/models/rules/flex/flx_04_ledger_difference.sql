-- FLX-04: the balance stated by the portal is not the ledger's at the end of that day. Grain: pool; scope =
-- balance_date.
select
    {{ finding(
        'FLX-04', observed='c.stated', threshold='c.balance', review_month='c.review_month', team='c.team_alias',
            scope='c.balance_date',
        severity="'high'", recommended_action="'ask_vendor'", evidence='c.evidence',
        detail="'The portal states ' || " ~ plain_number('c.stated') ~ " || ' tokens, the ledger of packs and use ' || "
            ~ plain_number('c.balance') ~ " || '.'"
    ) }}
from {{ ref('int_flex_statement') }} as c
where c.stated <> c.balance
