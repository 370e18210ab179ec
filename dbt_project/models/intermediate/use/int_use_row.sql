-- Grain: row of use (usage, seat_usage, token_usage, lrt) in the window after precedence, of persons whose rows a rule
-- looks at one by one (int_examined_person). Everybody else's use is counted from int_use_cell.
{% set inputs = {
    'usage': [stated_person('r', hash='hashed_autodesk_id'), 'r.offering_name', 'r.product_name', 'r.day_used'],
    'seat_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'token_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'lrt': [stated_person('r', 'user_email', 'user_hash'), 'r.product', 'cast(null as string)',
        'cast(r.event_at as date)']} %}
with said as (
    select review_month, person_key as said, person_key from {{ ref('int_examined_person') }}
    union
    select s.review_month, s.said, s.person_key
    from {{ ref('int_person_alias') }} as s
    inner join {{ ref('int_examined_person') }} as p on p.review_month = s.review_month and p.person_key = s.person_key
),
-- An address that is an alias is nobody by itself.
meant as (
    select a.review_month, a.said, a.person_key
    from said as a
    left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = a.said
    where coalesce(s.person_key, a.said) = a.person_key
),
staged as (
    {% for input, columns in inputs.items() %}
    select '{{ input }}' as input, a.review_month, a.person_key, {{ columns[1] }} as offering_name,
        {{ columns[2] }} as product_name, {{ columns[3] }} as day, r._src as src
    from (
        -- Who is asked for first: a row is joined to months only where somebody asks for it.
        select * from {{ source('raw', input) }} as r where {{ columns[0] }} in (select m.said from meant as m)
    ) as r
    inner join meant as a on a.said = {{ columns[0] }}
    inner join {{ drops_seen() }} as x on x.review_month = a.review_month and x.drop = r._drop
        and {{ is_unbeaten('r._until', 'x') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select r.review_month, r.input, o.offering_key, p.offering_key as product_key, r.person_key, r.day, r.src
from staged as r
inner join {{ ref('int_month') }} as m on m.review_month = r.review_month and r.day > m.window_start
    and r.day <= m.as_of
inner join {{ ref('int_offering_name') }} as o on o.review_month = r.review_month and o.name = r.offering_name
left join {{ ref('int_offering_name') }} as p on p.review_month = r.review_month and p.name = r.product_name
left join {{ ref('int_contested_row') }} as x on x.review_month = r.review_month and x.src = r.src and x.is_beaten
where x.src is null
