-- USE-10: a seat that comes free serves somebody who pays more in tokens. Grain: (team, offering, person) of the seat;
-- scope = the receiver. The rule is defined by the findings of others (USE-01, USE-02, IDN-01, CON-01 free seats;
-- USE-04 names receivers), so it reads their views, where they could run.
-- Receivers by cost, greatest first, then person; each takes a seat of their own team if one is left, else of any team;
-- the longest unused first (never used before all), then person, then team. The order within a team is part of the
-- order over all teams, so a team's taken seats are always its first ones: the recursion carries one counter per team.
with recursive could_run as (
    select review_month, rule_id from {{ ref('int_assessability') }} where assessability <> 'not_assessable'
),
freed as (
    select distinct f.review_month, f.team_alias, f.offering_key, f.person_key
    from (
        {% for model in ['use_01_inactive_seat', 'use_02_never_used', 'idn_01_ghost', 'con_01_past_end'] %}
        select review_month, rule_id, team_alias, offering_key, person_key from {{ ref(model) }}
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as f
    inner join could_run using (review_month, rule_id)
),
seat as (
    select f.review_month, f.offering_key, f.team_alias, f.person_key,
        row_number() over (partition by f.review_month, f.offering_key order by a.last_use nulls first, f.person_key,
            f.team_alias) as place,
        row_number() over (partition by f.review_month, f.offering_key, f.team_alias order by a.last_use nulls first,
            f.person_key) as team_place
    from freed as f
    inner join {{ ref('int_assignment') }} as a using (review_month, team_alias, offering_key, person_key)
),
token_team as (
    select review_month, offering_key, person_key, team_alias
    from (
        select u.review_month, u.offering_key, u.person_key, u.team_alias, sum(u.tokens) as tokens
        from {{ ref('int_token_row') }} as u
        inner join {{ ref('int_month') }} as m using (review_month)
        left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
        where u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
            -- The tokens that USE-04 counts.
            and not (h.team_alias is not null and u.person_key like 'hash:%')
        group by u.review_month, u.offering_key, u.person_key, u.team_alias
    )
    qualify row_number() over (partition by review_month, offering_key, person_key order by tokens desc,
        team_alias) = 1
),
needed as (
    -- Costs may stand in several currencies: the greatest is so in the organisation's. A cost without a rate counts as
    -- it stands.
    select n.review_month, n.offering_key, n.person_key, n.amount_now as cost, n.currency,
        n.months_observed as token_months, t.team_alias as own_team,
        {{ converted('n.amount_now', 'coalesce(x.per_unit, cast(1 as ' ~ rate_type() ~ '))') }} as own_cost
    from {{ ref('use_04_flex_to_seat') }} as n
    inner join could_run using (review_month, rule_id)
    left join token_team as t using (review_month, offering_key, person_key)
    left join {{ ref('int_rate') }} as x on x.review_month = n.review_month and x.currency = n.currency
),
receiver as (
    -- An amount that is beyond what can be converted is greater than all that can.
    select n.*, row_number() over (partition by n.review_month, n.offering_key
        order by n.own_cost desc nulls first, n.person_key) as place
    from needed as n
),
team as (
    select review_month, offering_key, team_alias, count(*) as seats
        from seat group by review_month, offering_key, team_alias
),
step as (
    {{ gifts_in_rounds() }}
),
matched as (
    select r.review_month, g.team_alias, r.offering_key, n.person_key, r.person_key as receiver_person_key, r.own_team,
        r.cost, r.currency, r.token_months
    from step as g
    inner join receiver as r on r.review_month = g.review_month and r.offering_key = g.offering_key
        and r.place = g.receiver_place
    inner join seat as n on n.review_month = g.review_month and n.offering_key = g.offering_key
        and n.team_alias = g.team_alias and n.team_place = g.taken
    where g.gave
),
found as (
    select
        s.review_month, s.team_alias, s.offering_key, s.person_key, s.receiver_person_key as scope,
        1 as observed, 0 as threshold, 'info' as severity,
        'give_seat' as recommended_action, a.routes as route, {{ evidence_of('a.src') }} as evidence,
        s.cost as amount_now, 0 as amount_alternative, a.days_12m, s.token_months as months_observed,
        s.receiver_person_key,
        'The seat comes free; ' || s.receiver_person_key || ' pays ' || {{ amount_text('s.cost', 's.currency') }}
            || ' a year in tokens for the same offering'
            || case when s.own_team = s.team_alias then '.'
                else ', in team ' || coalesce(s.own_team, 'unknown') || '.' end as detail
    from matched as s
    inner join {{ ref('int_assignment') }} as a using (review_month, team_alias, offering_key, person_key)
)
select {{ finding('USE-10', ['team_alias', 'offering_key', 'person_key', 'scope', 'route', 'amount_now',
    'amount_alternative', 'days_12m', 'months_observed', 'receiver_person_key']) }}
from found
