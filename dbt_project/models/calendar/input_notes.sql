-- Grain: (review_month, place): what an incomplete, unjoinable or refused input silences in the month, one sentence per
-- file, input or column, what silences most first. Page, ending, doctor and workbooks show these sentences before any
-- number. Variants of a month have none.
with month as (
    select m.* from {{ ref('int_month') }} as m where not {{ is_variant('m.review_month') }}
),
-- Rules that conclude nothing (or not all) because of an input, and rules that stand on it.
waiting as (
    select u.review_month, u.input, u.months_back, count(distinct u.rule_id) as rules,
        {{ distinct_text('u.rule_id') }} as rule_ids
    from {{ ref('int_inconclusive') }} as u
    inner join {{ ref('int_assessability') }} as a on a.review_month = u.review_month and a.rule_id = u.rule_id
        and a.assessability <> 'not_assessable'
    group by u.review_month, u.input, u.months_back
),
standing as (
    select i.input, count(distinct i.rule_id) as rules, {{ distinct_text('i.rule_id') }} as rule_ids
    from {{ ref('int_rule_input') }} as i
    where i.months_back = 0
    group by i.input
),
part as (
    select c.review_month, c.input, c.months_back, c.drop_month, c.only_fewer_rows, c.rows_loaded, c.rows_before,
        c.drop_before, w.rules, coalesce(w.rule_ids, s.rule_ids) as rule_ids,
        case
            when w.rules is null then 'what is missing in it is taken for nothing'
            else {{ counted('w.rules', 'check') }} || case when w.rules = 1 then ' waits'
                else ' wait' end || ', nobody is named by what is missing'
        end as effect
    from {{ ref('int_input_complete') }} as c
    inner join month using (review_month)
    left join waiting as w using (review_month, input, months_back)
    left join standing as s on s.input = c.input
    -- Of an earlier drop only where a rule of this month waits for it.
    where not c.is_complete and (c.months_back = 0 or w.rules is not null)
),
joined as (
    select j.*, case j.input when 'directory_users' then 'ADM-03;ADM-07;IDN-01' else 'CON-04' end as rule_ids,
        case when exists (
            select 1 from {{ ref('int_input_present') }} as i
                where i.review_month = j.review_month and i.input = 'usage_report' and i.in_drop
        ) then 'usage_report' else 'users' end as portal_input
    from {{ ref('int_input_joinable') }} as j
    inner join month using (review_month)
    where not j.is_joinable
),
note as (
    select p.review_month, 1 as rank, 'part' as kind, p.input, f.path, p.rules, p.rule_ids,
        f.path || case when p.months_back = 0 then '' else ' of ' || p.drop_month end || ' says that it is a part ('
            || coalesce(f.incomplete_reason, 'it says so') || '): ' || p.effect || '.' as sentence
    from part as p
    inner join {{ source('raw', 'file_register') }} as f on f.drop = p.drop_month and f.input = p.input
        and f.verdict = 'loaded' and f.complete = 'no'
    union all
    select p.review_month, 1, 'refused beside', p.input, f.path, p.rules, p.rule_ids,
        f.path || case when p.months_back = 0 then '' else ' of ' || p.drop_month end || ' was refused, so ' || p.input
            || ' is not whole: ' || p.effect || '.'
            || coalesce(' Refused because: ' || f.message || '.', '')
    from part as p
    inner join {{ source('raw', 'file_register') }} as f on f.drop = p.drop_month and f.input = p.input
        and f.verdict = 'rejected'
    union all
    select p.review_month, 1, 'fewer rows', p.input, cast(null as string), p.rules, p.rule_ids,
        p.input || case when p.months_back = 0 then ''
            else ' of ' || p.drop_month end || ' has only ' || p.rows_loaded || ' rows, after ' || p.rows_before
            || ' in ' || p.drop_before || ': '
            || p.effect || '. If it is whole, write `complete: yes` into its _manifest.yml.'
    from part as p
    where p.only_fewer_rows
    union all
    select j.review_month, 2, 'not joinable', j.input, cast(null as string),
        cast(case j.input when 'directory_users' then 3 else 1 end as bigint), j.rule_ids,
        j.input || ' does not fit ' || j.domain || ': ' || (j.people - j.matched) || ' of ' || j.people
            || ' people with a seat have no match, and none of them is called absent. Compare column email of '
            || j.portal_input || ' (' || j.people_examples || ') with column ' || j.file_column || ' of ' || j.input
                || ' (' || coalesce(nullif(j.file_examples, ''), 'no row') || ').'
    from joined as j
    union all
    select m.review_month, 3, 'refused', f.input, f.path, s.rules, s.rule_ids,
        f.path || ' was refused' || coalesce(': ' || f.message, '') || case
            when s.rules is not null then '. ' || {{ counted('s.rules', 'check') }} || ' would read it.' else '.' end
    from month as m
    inner join {{ source('raw', 'file_register') }} as f on f.drop = m.drop_month and f.verdict = 'rejected'
    left join standing as s using (input)
    where not exists (select 1 from part as p where p.review_month = m.review_month and p.months_back = 0
        and p.input = f.input)
    union all
    select m.review_month, 4, 'rejected rows', f.input, f.path, s.rules, s.rule_ids,
        f.path || ': ' || f.rows_rejected || ' of ' || f.rows_read || case
            when f.rows_rejected = 1 then ' rows was rejected (first: '
            else ' rows were rejected (first: ' end || r.reason || '); nobody is called absent by them.'
    from month as m
    inner join {{ source('raw', 'file_register') }} as f on f.drop = m.drop_month and f.verdict = 'loaded'
        and f.rows_rejected > 0
    inner join (
        select x.drop, x.path, {{ least_by("coalesce('row ' || x.row_number || ', ', '')
            || case when left(x.reason, length(x.column_name) + 2) = x.column_name || ': ' then ''
                else coalesce(x.column_name || ': ', '') end || x.reason", 'coalesce(x.row_number, 0)',
            ties=true) }} as reason
        from {{ source('raw', 'rejected_rows') }} as x
        group by x.drop, x.path
    ) as r on r.drop = f.drop and r.path = f.path
    left join standing as s using (input)
    union all
    select m.review_month, 5, 'unknown value', v.input, v.path, s.rules, s.rule_ids,
        v.path || ': ' || v.column_name || ' ' || chr(39) || v.text || chr(39) || ' (' || v.value_rows || case
            when v.value_rows = 1 then ' row' else ' rows' end
            || ') is in no value table and is taken for neither yes nor no. '
            || 'Say in landing/reference/value_aliases.csv what it means: '
            || v.input || ',' || v.column_name || ',' || {{ lower_case(trimmed('v.text')) }} || ',<value>.'
    from month as m
    inner join {{ source('raw', 'unknown_value') }} as v on v.drop = m.drop_month
    left join standing as s using (input)
    union all
    select m.review_month, 6, 'unread cells', c.input, c.path, s.rules, s.rule_ids,
        c.path || ': ' || c.cells || case when c.cells = 1 then ' cell'
            else ' cells' end || ' of ' || c.column_name || ' could not be read and ' || case when c.cells = 1 then 'is'
            else 'are' end
            || ' empty here (first: row ' || c.first_row || ', ' || chr(39) || coalesce(c.first_text, '') || chr(39)
                || coalesce(', ' || c.reason, '') || ').'
    from month as m
    inner join {{ source('raw', 'unread_cell') }} as c on c.drop = m.drop_month
    left join standing as s using (input)
)
select
    n.review_month,
    cast(row_number() over (partition by n.review_month order by n.rank, coalesce(n.rules, 0) desc,
        n.input nulls last, n.path nulls first, n.sentence nulls last) as bigint) as place,
    n.kind, n.input, n.path, cast(n.rules as bigint) as rules, n.rule_ids, n.sentence
from note as n
