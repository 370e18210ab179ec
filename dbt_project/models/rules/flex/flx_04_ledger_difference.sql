-- FLX-04: the balance stated by the portal is not the ledger's at the end of that day. Grain: pool; scope =
-- balance_date.
with found as (
    select
        c.review_month, c.team_alias, c.balance_date as scope,
        c.stated as observed, c.balance as threshold, 'high' as severity,
        'ask_vendor' as recommended_action, c.evidence,
        'The portal states ' || {{ plain_number('c.stated') }} || ' tokens, the ledger of packs and use '
            || {{ plain_number('c.balance') }} || '.' as detail
    from {{ ref('int_flex_statement') }} as c
    where c.stated <> c.balance
)
select {{ finding('FLX-04', ['team_alias', 'scope']) }}
from found
