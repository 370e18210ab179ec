-- USE-04: tokens that cost more than a seat, by somebody who holds neither the offering nor a collection with it. Grain: (offering, person).
with tokens as (
    select u.review_month, u.offering_key, u.person_key, cast(sum(u.tokens) as decimal(18,4)) as tokens,
        -- Each pool at its own price; tokens x price x 365, to be divided by the days observed.
        cast(sum(u.tokens * cast(coalesce(x.price, g.price) as decimal(12,4)) * 365) as decimal(24,4)) as cost_days, count(distinct u.day) as days, {{ evidence('u.src') }} as evidence, count(*) as evidence_rows
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    left join {{ ref('int_token_price') }} as x on x.review_month = u.review_month and x.team_alias = u.team_alias
    left join {{ ref('int_token_price') }} as g on g.review_month = u.review_month and g.team_alias = ''
    left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
    where u.input = 'token_usage' and u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
        and not (h.team_alias is not null and starts_with(u.person_key, 'hash:'))
    group by u.review_month, u.offering_key, u.person_key
),
costed as (
    select t.*, p.price, p.currency, p.price_basis, k.token_days_observed, k.token_months_observed,
        {{ money_div('1', 't.cost_days', 'k.token_days_observed') }} as cost,
        -- From the unrounded cost, rounded once.
        {{ money_div('1', '(t.cost_days - p.price * k.token_days_observed)', 'k.token_days_observed') }} as saving
    from tokens as t
    inner join {{ ref('int_clock') }} as k on k.review_month = t.review_month
    inner join {{ ref('int_offering_price') }} as p on p.review_month = t.review_month and p.offering_key = t.offering_key
    where k.token_days_observed >= {{ param('USE-04', 'min_observed_days', 't') }}
        and t.cost_days
            > cast(p.price as decimal(18,4)) * cast({{ param_for('USE-04', 'factor', 't', 't.offering_key') }} as decimal(9,6)) * k.token_days_observed
        and not exists (
            select 1 from {{ ref('int_held') }} as s
            where s.review_month = t.review_month and s.person_key = t.person_key and s.offering_key = t.offering_key)
)
select
    {{ finding(
        'USE-04', observed='c.cost', threshold='c.price', excess='c.saving', review_month='c.review_month',
        offering='c.offering_key', person='c.person_key', exposure='c.saving', currency='c.currency', price_basis='c.price_basis',
        severity="'medium'", recommended_action="'to_seat'", evidence='c.evidence', evidence_count='c.evidence_rows', days_12m='c.days',
        months_observed='c.token_months_observed', amount_now='c.cost', amount_alternative='c.price',
        detail=plain_number('c.tokens') ~ " || ' tokens in ' || c.token_days_observed || ' days observed cost ' || c.cost || ' a year; a seat costs ' || c.price || '.'"
    ) }}
from costed as c
