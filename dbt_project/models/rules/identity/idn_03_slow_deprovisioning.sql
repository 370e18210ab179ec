-- IDN-03: seats that outlive the people who left in the quarter. Grain: none but scope = legal entity and quarter;
-- observed = p95 of the days, nearest rank.
with ranked as (
    select l.*,
        row_number() over (partition by l.review_month, l.legal_entity order by l.days, l.team_alias, l.offering_key,
            l.person_key) as place,
        count(*) over (partition by l.review_month, l.legal_entity) as seats,
        {{ param('IDN-03', 'days', 'l') }} as allowed
    from {{ ref('int_leaver_seat') }} as l
),
found as (
    select
        r.review_month,
        coalesce(r.legal_entity, '(none)') || ' ' || substr(r.review_month, 1, 4) || '-Q'
            || cast(floor(cast(substr(r.review_month, 6, 2) as integer) / 3) as integer) as scope,
        min(case when r.place * 100 >= 95 * r.seats then r.days end) as observed, max(r.allowed) as threshold,
        sum(case when r.days > r.allowed then 1 else 0 end) as excess, 'medium' as severity,
        'speed_up' as recommended_action,
        {{ evidence_and_count('r.src', 'r.days > r.allowed') }},
        sum(case when r.days > r.allowed then 1 else 0 end) || ' of ' || {{ counted('count(*)', 'seat') }}
            || ' outlived the holder by more than ' || {{ plain_number('max(r.allowed)') }}
            || ' days; still assigned: ' || sum(case when r.is_open then 1 else 0 end) || '.' as detail
    from ranked as r
    group by r.review_month, r.legal_entity
    having bool_or(r.days > r.allowed)
)
select {{ finding('IDN-03', ['scope', 'excess', 'evidence_count']) }}
from found
