-- LRT-10: use in a country outside the territory of the contract of the person's seat. Grain: person; scope = country.
-- A row counts where some seat for its offering (itself or a collection with it) stands under a contract with a
-- territory, and no seat for it may be used there.
with seat as (
    select h.review_month, h.person_key, h.offering_key, c.territory
    from {{ ref('int_holding') }} as h
    inner join {{ ref('int_assignment') }} as a
        on a.review_month = h.review_month and a.person_key = h.person_key and a.offering_key = h.held_through
    left join {{ source('reference', 'contracts') }} as c on c.review_month = a.review_month
        and c.contract_number = a.contract_number
    where h.review_month in (select t.review_month from {{ source('reference', 'contracts') }} as t
        where t.territory is not null)
),
bounded as (
    select review_month, person_key, offering_key,
        {{ distinct_text(upper_case("replace(territory, ' ', '')")) }} as territory
    from seat
    group by review_month, person_key, offering_key
    having bool_and(territory is not null)
),
outside as (
    select l.review_month, l.person_key, l.country, count(distinct l.day) as days, {{ evidence_and_count('l.src') }}
    from {{ ref('int_lrt_event') }} as l
    inner join bounded as b using (review_month, person_key, offering_key)
    where l.country is not null and instr(';' || b.territory || ';', ';' || l.country || ';') = 0
    group by l.review_month, l.person_key, l.country
),
found as (
    select
        o.review_month, o.person_key, o.country as scope,
        o.days as observed, {{ param('LRT-10', 'days', 'o') }} as threshold,
        'high' as severity, 'low' as confidence, 'review' as recommended_action,
        o.evidence, o.evidence_count,
        {{ counted('o.days', 'day') }} || ' of use in ' || o.country
            || ', which the territory of the contract does not name.' as detail
    from outside as o
    where o.days > {{ param('LRT-10', 'days', 'o') }}
)
select {{ finding('LRT-10', ['person_key', 'scope', 'confidence', 'evidence_count']) }}
from found
