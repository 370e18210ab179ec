-- Grain: what rows of telemetry say of product, version, feature, claim and country, where a rule looks at such rows
-- one by one: a feature that requires an offering, a claim of a licence of another kind or of no paid one, a release
-- beyond what the offering supports, a country that a territory does not name. In the words of the rows.
with feature as (
    select distinct review_month, feature from {{ source('reference', 'feature_requirements') }}
),
support as (
    select review_month, offering_key, min(newest_covered) as newest, max(oldest_eligible) as oldest
    from {{ source('reference', 'version_support') }}
    group by review_month, offering_key
),
territory as (
    select distinct review_month, ';' || {{ upper_case("replace(territory, ' ', '')") }} || ';' as territory
    from {{ source('reference', 'contracts') }}
    where territory is not null
),
folded as (
    select t.*, {{ fold('t.feature') }} as feature_folded, {{ fold('t.licence_claim') }} as claim,
        {{ leading_integer('t.version') }} as release
    from {{ source('raw', 'lrt_trait') }} as t
)
select m.review_month, t.product, t.version, t.feature, t.licence_claim, t.country
from folded as t
cross join {{ ref('int_month') }} as m
left join {{ ref('int_offering_name') }} as o on o.review_month = m.review_month and o.name = t.product
left join support as s on s.review_month = m.review_month and s.offering_key = o.offering_key
where exists (select 1 from feature as f where f.review_month = m.review_month and f.feature = t.feature_folded)
    or t.claim in ('perpetual', 'network', 'trial', 'education')
    or t.release > s.newest
    or t.release < s.oldest
    or exists (select 1 from territory as x where x.review_month = m.review_month
        and instr(x.territory, ';' || {{ upper_case('t.country') }} || ';') = 0)
