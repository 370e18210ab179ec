-- Grain: (review_month, table, key): the shipped defaults that figures of the month stand on, with how sure they are
-- and how much stands on each. A default that a row of the company replaces, or that nothing in the month meets, is not
-- there. Parameters are not there either: every figure of a rule stands on its own. Variants of a month have none.
with month as (
    select m.* from {{ ref('int_month') }} as m where not {{ is_variant('m.review_month') }}
),
-- A spelling that the files of the month use.
spelling as (
    select m.review_month, 'product_aliases' as table_name, a.alias as key, a.offering_key as says, a.certainty,
        a.source, a.read_on, sum(n.name_rows) as uses, 'rows' as uses_are
    from month as m
    inner join {{ ref('int_name_seen') }} as n on n.review_month = m.review_month and n.in_drop
    inner join {{ source('reference', 'product_aliases') }} as a on a.review_month = m.review_month
        and a.alias = n.folded and a.valid_from <= m.as_of and m.as_of <= a.valid_to
    where a.is_default
    group by m.review_month, a.alias, a.offering_key, a.certainty, a.source, a.read_on
),
-- A member of a collection that a holder of the collection used.
membership as (
    select m.review_month, 'collection_members' as table_name, c.collection_key || ' > ' || c.member_key as key,
        c.collection_key || ' contains ' || c.member_key as says, c.certainty, c.source, c.read_on,
        count(distinct u.person_key) as uses, 'persons' as uses_are
    from month as m
    inner join {{ ref('int_member_use') }} as u using (review_month)
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = m.review_month
        and c.collection_key = u.collection_key and c.member_key = u.member_key
        and c.valid_from <= m.as_of and m.as_of <= c.valid_to
    where c.is_default
    group by m.review_month, c.collection_key, c.member_key, c.certainty, c.source, c.read_on
),
-- Name and kind of an offering with seats or subscriptions.
offering as (
    select m.review_month, 'offerings' as table_name, o.offering_key as key, o.name || ' (' || o.kind || ')' as says,
        o.certainty, o.source, o.read_on, count(*) as uses, 'positions' as uses_are
    from month as m
    inner join {{ ref('int_position') }} as p using (review_month)
    inner join {{ source('reference', 'offerings') }} as o on o.review_month = m.review_month
        and o.offering_key = p.offering_key
    where o.is_default
    group by m.review_month, o.offering_key, o.name, o.kind, o.certainty, o.source, o.read_on
),
-- A rate of an offering that tokens were used on in the month.
rate as (
    select m.review_month, 'flex_rates' as table_name, f.offering_key as key,
        {{ plain_number('f.tokens_per_day') }} || ' tokens a day' as says, f.certainty, f.source, f.read_on,
        count(distinct t.person_key) as uses, 'persons' as uses_are
    from month as m
    inner join {{ ref('int_token_row') }} as t on t.review_month = m.review_month and t.day >= m.month_start
        and t.day <= m.as_of
    inner join {{ source('reference', 'flex_rates') }} as f on f.review_month = m.review_month
        and f.offering_key = t.offering_key and f.valid_from <= m.as_of and m.as_of <= f.valid_to
    where f.is_default
    group by m.review_month, f.offering_key, f.tokens_per_day, f.certainty, f.source, f.read_on
)
select d.review_month, d.table_name, d.key, d.says, coalesce(d.certainty, 'secondary') as certainty, d.source,
    d.read_on, cast(d.uses as bigint) as uses, d.uses_are
from (
    select * from spelling
    union all
    select * from membership
    union all
    select * from offering
    union all
    select * from rate
) as d
