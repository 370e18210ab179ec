-- Grain: row of a contested cell. is_beaten: a file of higher precedence has a row of the same natural key, whatever
-- its words: per key all rows of the winning file count.
{% set portal = {
    'usage': [stated_person('r', hash='hashed_autodesk_id'), 'r.product_name', 'r.version', 'r.access_option',
        'cast(null as string)'],
    'seat_usage': [stated_person('r'), 'cast(null as string)', 'r.version', 'cast(null as string)',
        fold('r.feature')],
    'token_usage': [stated_person('r'), 'cast(null as string)', fold('r.feature'), 'cast(null as string)',
        fold('r.feature')]} %}
with staged as (
    {% for input, columns in portal.items() %}
    select
        '{{ input }}' as input, r.review_month, r.team_alias, r.row_team, r.offering_name,
        {{ columns[1] }} as product_name, {{ columns[0] }} as said, r.day_used as day, r.version, r.src, r.file_rank,
        r.team_alias as key_team, {{ columns[2] }} as key_what, {{ columns[3] }} as key_more,
        cast(null as timestamp) as key_instant, {{ columns[4] }} as feature
    from {{ ref('stg_portal__' ~ input) }} as r
    where exists (select 1 from {{ ref('int_contested_cell') }} as c where c.input = '{{ input }}'
        and c.review_month = r.review_month and c.file_rank = r.file_rank)
    union all
    {% endfor %}
    select
        'lrt' as input, r.review_month, coalesce(r.row_team, '(single team)'), r.row_team, r.product as offering_name,
        cast(null as string) as product_name, {{ stated_person('r', 'user_email', 'user_hash') }} as said,
        cast(r.event_at as date) as day, r.version, r.src, r.file_rank, cast(null as string) as key_team,
        {{ fold('r.feature') }} as key_what, coalesce(r.device_id, r.host_name) as key_more,
        r.event_at as key_instant, {{ fold('r.feature') }} as feature
    from {{ ref('stg_portal__lrt') }} as r
    where r.event_id is null
        and exists (select 1 from {{ ref('int_contested_cell') }} as c where c.input = 'lrt'
            and c.review_month = r.review_month and c.file_rank = r.file_rank)
),
named as (
    select
        r.*, {{ period_of('r.day') }} as period, o.offering_key, p.offering_key as product_key,
        coalesce(s.person_key, r.said) as person_key
    from staged as r
    inner join {{ ref('int_offering_name') }} as o on o.review_month = r.review_month and o.name = r.offering_name
    left join {{ ref('int_person_alias') }} as s on s.review_month = r.review_month and s.said = r.said
    left join {{ ref('int_offering_name') }} as p on p.review_month = r.review_month and p.name = r.product_name
),
of_cell as (
    select n.*
    from named as n
    inner join {{ ref('int_contested_cell') }} as c
        on c.review_month = n.review_month and c.input = n.input and c.file_rank = n.file_rank
            and c.period = n.period and c.offering_name = n.offering_name and c.said is not distinct from n.said
            and c.product_name is not distinct from n.product_name and c.row_team is not distinct from n.row_team
)
select
    input, review_month, team_alias, row_team, offering_key, product_key, person_key, feature, version, day, period,
    src,
    file_rank < max(file_rank) over (
        partition by input, review_month, key_team, offering_key, product_key, key_what, key_more, key_instant,
            person_key, day) as is_beaten
from of_cell
