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
    select l.review_month, l.person_key, l.country, count(distinct l.day) as days, count(*) as use_rows,
        {{ evidence('l.src') }} as evidence
    from {{ ref('int_lrt_event') }} as l
    inner join bounded as b on b.review_month = l.review_month and b.person_key = l.person_key
        and b.offering_key = l.offering_key
    where l.country is not null and instr(';' || b.territory || ';', ';' || l.country || ';') = 0
    group by l.review_month, l.person_key, l.country
)
select
    {{ finding(
        'LRT-10', observed='o.days', threshold=param('LRT-10', 'days', 'o'), review_month='o.review_month',
            person='o.person_key', scope='o.country',
        severity="'high'", confidence="'low'", recommended_action="'review'", evidence='o.evidence',
            evidence_count='o.use_rows',
        detail=counted("o.days", "day")
            ~ " || ' of use in ' || o.country || ', which the territory of the contract does not name.'"
    ) }}
from outside as o
where o.days > {{ param('LRT-10', 'days', 'o') }}
