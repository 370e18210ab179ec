-- Grain: offering: persons whom telemetry and the SAM tool know in the window, and those whom only one of them knows.
with lrt as (
    select review_month, offering_key, person_key, min({{ first_of('srcs') }}) as src from {{ ref('int_lrt_cell') }}
        where not is_excluded
    group by review_month, offering_key, person_key
),
sam as (
    select s.review_month, o.offering_key, {{ person_key('s') }} as person_key, min(s.src) as src
    from {{ ref('stg_outside__sam_usage') }} as s
    inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
    inner join {{ ref('int_offering_name') }} as o on o.review_month = s.review_month and o.name = s.offering_name
    {{ person_joins('s') }}
    where s.last_used > m.window_start and s.last_used <= m.as_of
    group by all
),
both_sides as (
    select coalesce(l.review_month, s.review_month) as review_month,
        coalesce(l.offering_key, s.offering_key) as offering_key,
        l.person_key is not null as in_lrt, s.person_key is not null as in_sam,
        case when s.person_key is null then l.src when l.person_key is null then s.src end as src
    from lrt as l
    full outer join sam as s on s.review_month = l.review_month and s.offering_key = l.offering_key
        and s.person_key = l.person_key
)
select review_month, offering_key,
    count(*) filter (where in_lrt) as lrt_persons,
    count(*) filter (where in_sam) as sam_persons,
    count(*) filter (where in_lrt and not in_sam) as only_lrt,
    count(*) filter (where in_sam and not in_lrt) as only_sam,
    count(*) as either,
    coalesce({{ evidence('src') }}, {{ no_evidence() }}) as evidence
from both_sides
group by review_month, offering_key
