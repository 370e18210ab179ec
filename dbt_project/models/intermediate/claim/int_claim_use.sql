-- Grain: (line of the claims, row of a file that says of use what the line alleges): by whom, on which day, of which
-- release. Of a person all rows in which anything names that person, of a device those that name it or its host. Lines
-- that cannot be judged have none.
with claim as (
    {{ claims_to_judge() }}
),
-- made once: claim
-- Use, row by row: of the persons and on the devices that the lines name.
said as (
    select distinct review_month, person_key as said from claim where person_key is not null
    union
    select s.review_month, s.said
    from {{ ref('int_person_alias') }} as s
    inner join claim as c on c.review_month = s.review_month and c.person_key = s.person_key
),
device as (
    select distinct review_month, device_key from claim where subject = 'device'
),
{% set inputs = {
    'usage': [stated_person('r', hash='hashed_autodesk_id'), 'r.offering_name', 'r.product_name', 'r.day_used'],
    'seat_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'token_usage': [stated_person('r'), 'r.offering_name', 'cast(null as string)', 'r.day_used'],
    'lrt': [stated_person('r', 'user_email', 'user_hash'), 'r.product', 'cast(null as string)',
        'cast(r.event_at as date)']} %}
seen as (
    {% for input, columns in inputs.items() %}
    select '{{ input }}' as input, {{ columns[0] }} as said, {{ columns[1] }} as offering_name,
        {{ columns[2] }} as product_name, {{ columns[3] }} as day, r.version,
        {% if input == 'lrt' %}r.licence_claim, {{ device_key('coalesce(r.device_id, r.host_name)') }} as device_key,
        {{ device_key('r.host_name') }} as host_key,
        {% else %}cast(null as string) as licence_claim, cast(null as string) as device_key,
        cast(null as string) as host_key,
        {% endif %}r._drop as drop_month, r._until, r._src as src
    from {{ source('raw', input) }} as r
    where {{ columns[0] }} in (select s.said from said as s)
    {%- if input == 'lrt' %}
        or {{ device_key('coalesce(r.device_id, r.host_name)') }} in (select d.device_key from device as d)
        or {{ device_key('r.host_name') }} in (select d.device_key from device as d)
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
use_row as (
    select a.review_month, u.input, coalesce(s.person_key, u.said) as person_key, o.offering_key,
        p.offering_key as product_key, u.day, {{ year_of_version('u.version') }} as release, u.licence_claim,
        u.device_key, u.host_key, u.src
    from seen as u
    inner join {{ drops_seen() }} as a on a.drop = u.drop_month and (u._until is null or u._until > a.horizon)
    inner join {{ ref('int_offering_name') }} as o on o.review_month = a.review_month and o.name = u.offering_name
    left join {{ ref('int_offering_name') }} as p on p.review_month = a.review_month and p.name = u.product_name
    left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = u.said
    left join {{ ref('int_contested_row') }} as x on x.review_month = a.review_month and x.src = u.src and x.is_beaten
    where x.src is null
),
claim_use as (
    select c.claim_src, c.offering_key as claimed_key, c.release as claimed_release, c.period_from, c.period_to, u.*
    from claim as c
    inner join use_row as u on u.review_month = c.review_month and u.person_key = c.person_key
    where c.subject = 'person'
    union all
    select c.claim_src, c.offering_key, c.release, c.period_from, c.period_to, u.*
    from claim as c
    inner join use_row as u on u.review_month = c.review_month and c.device_key in (u.device_key, u.host_key)
    where c.subject = 'device'
    union all
    -- The last access that the portal itself shows; one by tokens is in token_usage.
    select c.claim_src, c.offering_key, c.release, c.period_from, c.period_to, c.review_month, 'usage_report',
        u.person_key, u.offering_key, cast(null as string), cast(u.last_accessed as date),
        {{ year_of_version('u.version') }}, cast(null as string), cast(null as string), cast(null as string), u.src
    from claim as c
    inner join {{ ref('int_usage_report') }} as u on u.review_month = c.review_month and u.person_key = c.person_key
    where c.subject = 'person' and not u.is_flex and u.last_accessed is not null
)
select distinct
    u.review_month, u.claim_src, u.claimed_key, u.claimed_release, u.input, u.person_key, u.day, u.release,
    u.licence_claim, u.src
from claim_use as u
where u.claimed_key in (u.offering_key, coalesce(u.product_key, u.offering_key))
    and u.period_from <= u.day and u.day <= u.period_to
    and (u.claimed_release is null or u.release is null or u.claimed_release = u.release)
