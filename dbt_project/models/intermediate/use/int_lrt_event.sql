-- Grain: row of int_lrt_row that a rule looks at one by one, with its team: rows of the review month; of a feature that
-- requires an offering; with a claim of a licence of another kind, or of no paid one; of a release beyond what an offering
-- supports; of a country that a territory does not name; of contractors; of persons with more devices than allowed, or
-- whom several addresses or hashes name and who use several devices. Everything else is counted from int_lrt_cell.
with feature as (
    select distinct review_month, feature from {{ source('reference', 'feature_requirements') }}
),
support as (
    select review_month, offering_key, min(newest_covered) as newest, max(oldest_eligible) as oldest
    from {{ source('reference', 'version_support') }}
    group by review_month, offering_key
),
territory as (
    select distinct review_month, ';' || upper(replace(territory, ' ', '')) || ';' as territory
    from {{ source('reference', 'contracts') }}
    where territory is not null
),
country as (
    select distinct l.review_month, l.country
    from (select distinct review_month, upper(country) as country from {{ ref('stg_portal__lrt') }}) as l
    inner join territory as t on t.review_month = l.review_month and strpos(t.territory, ';' || l.country || ';') = 0
),
person as (
    select review_month, person_key from {{ ref('int_device_candidate') }}
    union
    select review_month, person_key from {{ ref('int_contractor') }}
)
select
    l.review_month,
    l.event_at,
    l.received_at,
    l.day,
    coalesce(l.row_team, t.team_alias, '(single team)') as team_alias,
    l.row_team,
    l.offering_key,
    l.person_key,
    starts_with(l.person_key, 'hash:') as is_hash,
    starts_with(l.person_key, 'hash:') and h.team_alias is not null as leave_out,
    l.device,
    l.version,
    l.release,
    l.feature,
    l.licence_claim,
    l.duration_minutes,
    l.country,
    l.source,
    l.src
from {{ ref('int_lrt_row') }} as l
inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
left join {{ ref('int_top_team') }} as t on t.review_month = l.review_month
left join {{ ref('int_hidden_team') }} as h on h.review_month = l.review_month
    and h.team_alias = coalesce(l.row_team, t.team_alias, '(single team)')
left join feature as f on f.review_month = l.review_month and f.feature = l.feature
left join support as s on s.review_month = l.review_month and s.offering_key = l.offering_key
left join country as c on c.review_month = l.review_month and c.country = l.country
left join person as p on p.review_month = l.review_month and p.person_key = l.person_key
where
    l.day >= m.month_start
    or f.feature is not null
    or l.licence_claim in ('perpetual', 'network', 'trial', 'education')
    or l.release > s.newest
    or l.release < s.oldest
    or c.country is not null
    or p.person_key is not null
