-- FLX-06: tokens charged to somebody who held a seat for it that day. Grain: (pool, offering, person) of the month.
with found as (
    select
        u.review_month, u.team_alias, u.offering_key, u.person_key,
        sum(u.tokens) as observed, 0 as threshold, 'high' as severity,
        'ask_vendor' as recommended_action,
        {{ evidence_and_count('u.src') }},
        {{ plain_number('sum(u.tokens)') }} || ' tokens were charged on '
            || {{ counted('count(distinct u.day)', 'day') }} || ' on which a seat was held.' as detail
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    where
        u.feature is null and u.tokens > 0 and u.person_key is not null
        and u.day >= m.month_start and u.day <= m.as_of
        and exists (
            select 1 from {{ ref('int_holding_day') }} as h
            where h.review_month = u.review_month and h.person_key = u.person_key and h.offering_key = u.offering_key
                and h.held_from <= u.day and u.day <= h.held_to)
    group by u.review_month, u.team_alias, u.offering_key, u.person_key
)
select {{ finding('FLX-06', ['team_alias', 'offering_key', 'person_key', 'evidence_count']) }}
from found
