-- IDN-03: seats that outlive the people who left in the quarter. Grain: none but scope = legal entity and quarter;
-- observed = p95 of the days, nearest rank.
with ranked as (
    select l.*,
        row_number() over (partition by l.review_month, l.legal_entity order by l.days, l.team_alias, l.offering_key,
            l.person_key) as place,
        count(*) over (partition by l.review_month, l.legal_entity) as seats,
        {{ param('IDN-03', 'days', 'l') }} as allowed
    from {{ ref('int_leaver_seat') }} as l
)
select
    {{ finding(
        'IDN-03', observed='min(case when r.place * 100 >= 95 * r.seats then r.days end)', threshold='max(r.allowed)',
            excess='sum(case when r.days > r.allowed then 1 else 0 end)',
        review_month='r.review_month',
        scope="coalesce(r.legal_entity, '(none)') || ' ' || substr(r.review_month, 1, 4) || '-Q'
            || cast(floor(cast(substr(r.review_month, 6, 2) as integer) / 3) as integer)",
        severity="'medium'", recommended_action="'speed_up'",
            evidence=evidence('case when r.days > r.allowed then r.src end'),
            evidence_count='sum(case when r.days > r.allowed then 1 else 0 end)',
        detail="sum(case when r.days > r.allowed then 1 else 0 end) || ' of ' || " ~ counted("count(*)", "seat")
            ~ " || ' outlived the holder by more than ' || " ~ plain_number("max(r.allowed)")
            ~ " || ' days; still assigned: ' || sum(case when r.is_open then 1 else 0 end) || '.'"
    ) }}
from ranked as r
group by r.review_month, r.legal_entity
having bool_or(r.days > r.allowed)
