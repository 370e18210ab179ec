-- Grain: rule: how many persons or pools a rule had to leave out, and why. A rule in here is `partly` assessed.
with hidden_lrt as (
    select l.review_month, count(distinct l.person_key) as persons,
        count(distinct case when l.period >= m.month_start then l.person_key end) as persons_in_month
    from {{ ref('int_lrt_cell') }} as l
    inner join {{ ref('int_month') }} as m using (review_month)
    where l.is_excluded
    group by l.review_month
),
hidden_tokens as (
    select u.review_month, count(distinct u.person_key) as persons
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_hidden_team') }} using (review_month, team_alias)
    where u.input = 'token_usage' and u.person_key like 'hash:%' and u.period > m.window_start
        and u.period <= m.as_of
    group by u.review_month
),
hidden as (
    select review_month, 'USE-04' as rule_id, persons as excluded from hidden_tokens
    union all
    select h.review_month, r.rule_id, h.persons
    from hidden_lrt as h
    cross join (values ('CON-03'), ('LRT-03'), ('LRT-08')) as r (rule_id)
    union all
    select review_month, 'LRT-07', persons_in_month from hidden_lrt
),
-- Amounts without an exchange rate that they need, or too large to be compared.
not_compared as (
    select a.review_month, 'USE-03' as rule_id, a.person_key
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_seat_flex_cost') }} as c using (review_month, person_key, offering_key)
    inner join {{ ref('int_clock') }} as k using (review_month)
    inner join {{ ref('int_token_price') }} as t on t.review_month = a.review_month and t.team_alias = ''
    left join {{ ref('int_rate') }} as x on x.review_month = a.review_month and x.currency = a.currency
    left join {{ ref('int_rate') }} as y on y.review_month = a.review_month and y.currency = t.currency
    where a.days_12m > 0 and c.days_without_rate = 0 and a.price is not null
        and ({{ converted('a.price', rate_where('a.currency <> t.currency', 'x.per_unit')) }} is null
            or c.tokens is not null and {{ converted(['c.tokens', 't.price', '365'],
                rate_where('a.currency <> t.currency', 'y.per_unit')) }} is null)
        and k.days_observed >= {{ param_for('USE-03', 'min_observed_days', 'a', 'a.offering_key') }}
    union all
    select t.review_month, 'USE-04', t.person_key
    from {{ ref('int_token_cost') }} as t
    inner join {{ ref('int_clock') }} as k using (review_month)
    inner join {{ ref('int_offering_price') }} as p using (review_month, offering_key)
    left join {{ ref('int_rate') }} as r using (review_month, currency)
    where not t.is_hidden and k.token_days_observed >= {{ param_for('USE-04', 'min_observed_days', 't',
        't.offering_key') }}
        and t.currency_low is not null
        and case when least(t.currency_low, p.currency) <> greatest(t.currency_high, p.currency)
            then t.cost_days_own is null or {{ converted('p.price', 'r.per_unit') }} is null
                else t.cost_days is null end
        and not exists (
            select 1 from {{ ref('int_holding') }} as s
            where s.review_month = t.review_month and s.person_key = t.person_key and s.offering_key = t.offering_key)
    union all
    select review_month, 'USE-05', person_key from {{ ref('int_collection_cost') }} where not is_comparable
    union all
    select a.review_month, 'USE-06', a.person_key
    {{ from_collections_used() }}
    where a.price is not null and coalesce(p.price, o.price) is not null
        and ({{ price_of_collection() }} is null or {{ price_of_member_used() }} is null)
),
-- Pairs of person and offering that the rule would name if the right were known to be missing.
not_covered as (
    select review_month, 'LRT-03' as rule_id, person_key, required_offering_key as offering_key
        from {{ ref('int_feature_without_right') }} where right_not_known
    union
    select review_month, 'LRT-07', person_key, offering_key from {{ ref('int_use_without_right') }}
        where not_known_days > 0
    union
    select review_month, 'USE-04', person_key, offering_key from {{ ref('int_flex_to_seat') }} where right_not_known
    union
    select n.review_month, 'CON-03', n.person_key, n.offering_key
    from {{ ref('int_right_not_known') }} as n
    inner join {{ ref('int_contractor') }} using (review_month, person_key)
    inner join {{ ref('int_lrt_cell') }} as l using (review_month, person_key, offering_key)
    where not l.is_excluded
    union
    select n.review_month, 'HUB-03', n.person_key, n.offering_key
    from {{ ref('int_right_not_known') }} as n
    inner join {{ ref('int_hub_member') }} using (review_month, person_key, offering_key)
    inner join {{ source('reference', 'offerings') }} as k on k.review_month = n.review_month
        and k.offering_key = n.offering_key and {{ lower_case('k.kind') }} = 'cloud'
    union
    select u.review_month, 'FLX-06', u.person_key, u.offering_key
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_use_not_known') }} as n
        on n.review_month = u.review_month and n.person_key = u.person_key and n.product_key = u.offering_key
            and n.day = u.day
    where u.feature is null and u.tokens > 0 and u.day >= m.month_start and u.day <= m.as_of
)
select review_month, rule_id, excluded, excluded
    || ' persons known only by hash in teams that hide personal data were left out' as reason
from hidden
where excluded > 0
union all
select a.review_month, 'USE-03', count(distinct a.person_key), count(distinct a.person_key)
    || ' persons without a Flex rate for what they used were left out'
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_seat_flex_cost') }} as c using (review_month, person_key, offering_key)
inner join {{ ref('int_clock') }} as k using (review_month)
where a.days_12m > 0 and c.days_without_rate > 0 and k.days_observed >= {{ param_for('USE-03', 'min_observed_days', 'a',
    'a.offering_key') }}
group by a.review_month
union all
select review_month, rule_id, count(distinct person_key),
    count(distinct person_key)
        || ' persons whose amounts are in several currencies, without an exchange rate for one, '
        || 'or too large to be compared, were left out'
from not_compared
group by review_month, rule_id
union all
select p.review_month, 'FLX-01', count(*), count(*) || ' pools are too young to be judged and were left out'
from {{ ref('int_pool') }} as p
where p.term_start is not null and not p.is_old_enough
group by p.review_month
union all
select g.review_month, 'IDN-04', count(*), count(*) || ' groups have a predicate that cannot be read and were left out'
from {{ ref('int_group_fact') }} as g
where not g.has_predicate and {{ trimmed("coalesce(g.intended_predicate, '')") }} <> ''
group by g.review_month
union all
select g.review_month, 'IDN-06', count(distinct g.team_alias), count(distinct g.team_alias)
    || ' teams that hide personal data were left out'
from {{ ref('int_group_fact') }} as g
where g.in_hidden_team
group by g.review_month
union all
select n.review_month, n.rule_id, count(*), count(*)
    || ' pairs of a person and a product were left out: coverage not known (ENT-14 asks)'
from not_covered as n
group by n.review_month, n.rule_id
union all
select u.review_month, u.rule_id, count(distinct u.person_key), count(distinct u.person_key)
    || ' persons of whom a row was rejected were left out'
from {{ ref('int_inconclusive_person') }} as u
inner join {{ ref('int_person') }} using (review_month, person_key)
group by u.review_month, u.rule_id
union all
select a.review_month, r.rule_id, count(distinct a.person_key), count(distinct a.person_key)
    || ' persons whose last access or day of assignment could not be read were left out'
from {{ ref('int_assignment') }} as a
cross join (values ('USE-01'), ('USE-02')) as r (rule_id)
where a.access_unread or (a.assigned_unread and r.rule_id = 'USE-01')
group by a.review_month, r.rule_id
