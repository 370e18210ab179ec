-- ENT-07: what the measures of a contract would bill. Grain: offering; scope = contract. Overage of a month: assigned
-- less entitled over the teams with a row of the offering under the contract in that month's drop, at least 0; months
-- since the contract's last anniversary whose drop holds subscriptions and A.
with contract as (
    select c.review_month, c.contract_number, {{ fold('c.true_up_measure') }} as true_up_measure, c._src as src,
        m.as_of,
        -- The last anniversary not after as_of; a start on 29 February is kept on 28 February.
        case
            when {{ add_months('c.start_date', '12 * (extract(year from m.as_of) - extract(year from c.start_date))')
                }} <= m.as_of
                then {{ add_months('c.start_date',
                    '12 * (extract(year from m.as_of) - extract(year from c.start_date))') }}
            else {{ add_months('c.start_date',
                '12 * (extract(year from m.as_of) - extract(year from c.start_date) - 1)') }}
        end as anniversary
    from {{ source('reference', 'contracts') }} as c
    inner join {{ ref('int_month') }} as m using (review_month)
    where c.start_date <= m.as_of
),
span as (
    select c.* {{ all_but('src') }}, x.drop_month -- noqa: RF02
    from contract as c
    inner join {{ ref('int_counted_drop') }} as x on x.review_month = c.review_month
        and x.drop_as_of <= c.as_of and x.drop_as_of >= c.anniversary
),
row_team as (
    select review_month as drop_month, contract_number, team_alias, offering_key, assigned, entitled
        from {{ ref('int_contract_team_history') }}
),
line as (
    select distinct s.review_month, s.contract_number, t.offering_key
    from span as s
    inner join row_team as t using (drop_month, contract_number)
),
overage as (
    select l.review_month, l.contract_number, l.offering_key, s.true_up_measure, s.drop_month,
        greatest(coalesce(sum(t.assigned - t.entitled), 0), 0) as seats
    from line as l
    inner join span as s using (review_month, contract_number)
    left join row_team as t using (drop_month, contract_number, offering_key)
    group by l.review_month, l.contract_number, l.offering_key, s.true_up_measure, s.drop_month
),
measured as (
    select review_month, contract_number, offering_key, true_up_measure,
        max(case when drop_month = {{ drop_month('review_month') }} then seats else 0 end) as snapshot,
        max(seats) as high_water,
        cast(sum(seats) as double) / count(*) as rolling_mean,
        count(*) as months
    from overage
    group by review_month, contract_number, offering_key, true_up_measure
),
own as (
    select m.*, case m.true_up_measure when 'snapshot' then m.snapshot when 'high_water' then m.high_water
        when 'rolling_mean' then m.rolling_mean end as own_measure
    from measured as m
    where m.high_water > 0 and {{ concluded('ENT-07', 'm') }}
),
evidence as (
    select review_month, contract_number, offering_key, {{ evidence('src') }} as evidence
    from {{ ref('int_subscription') }}
    group by review_month, contract_number, offering_key
),
found as (
    select
        o.review_month, o.offering_key, o.contract_number as scope,
        o.own_measure as observed, 0 as threshold, o.own_measure as excess,
        case when o.own_measure > 0 then 'high' else 'info' end as severity,
        'true_up' as recommended_action,
        {{ evidence_with('coalesce(e.evidence, ' ~ no_evidence() ~ ')',
            'case when e.evidence is null then c.src end') }} as evidence,
        'Seats above the right: ' || o.snapshot || ' now, ' || o.high_water || ' in the highest month, '
            || {{ plain_number('o.rolling_mean') }} || ' on average over ' || {{ counted('o.months', 'month') }} || '; '
            || case o.true_up_measure
                when 'snapshot' then 'the contract bills what is above it now.'
                when 'high_water' then 'the contract bills the highest month.'
                when 'rolling_mean' then 'the contract bills the average.'
                else 'the contract does not say how it measures.' end as detail
    from own as o
    -- A contract whose rows are gone from the portal is named by the company's own row of it.
    inner join contract as c using (review_month, contract_number)
    left join evidence as e using (review_month, contract_number, offering_key)
)
select {{ finding('ENT-07', ['offering_key', 'scope', 'excess']) }}
from found
