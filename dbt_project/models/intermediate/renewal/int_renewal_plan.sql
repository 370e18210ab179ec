-- Grain: (contract whose brief is due, team, offering, scenario): seats that the mixes need, grown and rounded up, and
-- spare ones of what is stocked. The mixes are those of the base case in every scenario, so that low <= base <= high.
with seat as (
    select c.review_month, c.contract_number, c.team_alias, part as offering_key, count(*) as persons
    from (
        select review_month, contract_number, team_alias, person_key, {{ split_rows('seats') }} as part
        from {{ ref('int_renewal_choice') }}
    ) as c
    where part <> ''
    group by c.review_month, c.contract_number, c.team_alias, c.part
)
select
    s.review_month, s.contract_number, s.team_alias, s.offering_key, x.scenario, s.persons, x.growth_percent,
        x.price_percent, x.buffer,
    cast({{ floor_div('(s.persons * (100 + x.growth_percent) + 99)', 1, 100) }} + x.buffer as bigint) as seats
from seat as s
inner join {{ ref('int_renewal_scenario') }} as x using (review_month)
