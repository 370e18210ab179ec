-- FLX-05: tokens of a row without feature that are no multiple of the rate of that day, at two decimals. Grain: (pool,
-- offering, person) of the month.
with rated as (
    select u.*, r.tokens_per_day as rate, cast(round(u.tokens, 2) as {{ money_type() }}) % cast(round(r.tokens_per_day,
        2) as {{ money_type() }}) as remainder
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ source('reference', 'flex_rates') }} as r
        on r.review_month = u.review_month and r.offering_key = u.offering_key and r.valid_from <= u.day
            and u.day <= r.valid_to and round(r.tokens_per_day, 2) > 0
    where u.feature is null and u.tokens > 0 and u.day >= m.month_start and u.day <= m.as_of
),
found as (
    select
        r.review_month, r.team_alias, r.offering_key, r.person_key,
        sum(r.tokens) as observed, max(r.rate) as threshold, sum(r.remainder) as excess,
        'medium' as severity, 'ask_vendor' as recommended_action,
        {{ evidence_and_count('r.src') }},
        {{ plain_number('sum(r.tokens)') }} || ' tokens in ' || {{ counted('count(*)', 'row') }}
            || ' are no multiple of the rate of ' || {{ plain_number('max(r.rate)') }} || ' a day.' as detail
    from rated as r
    where r.remainder <> 0
    group by r.review_month, r.team_alias, r.offering_key, r.person_key
)
select {{ finding('FLX-05', ['team_alias', 'offering_key', 'person_key', 'excess', 'evidence_count']) }}
from found
