-- Grain: rule: could it run on the month's inputs? A rule that could not has no findings, which is not zero.
with reference_rows as (
    {% for table in ['flex_rates', 'token_prices', 'prices', 'collection_members', 'group_rules', 'sso_domains',
        'approved_admins', 'offerings', 'version_support', 'feature_requirements', 'contracts', 'contract_lines'] %}
    select review_month, '{{ table }}' as need from {{ source('reference', table) }} group by review_month
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
state as (
    select
        m.review_month, m.has_drop, n.rule_id, n.need, n.at as place, n.optional = 'true' as is_optional, n.one_of,
        case n.at
            when 'drop' then coalesce(i.in_drop, false)
            when 'any' then coalesce(i.in_any_drop, false)
            when 'A' then exists (select 1 from {{ ref('int_input_present') }} as x
                where x.review_month = m.review_month and x.input in ('usage_report', 'users') and x.in_drop)
            when 'any_use' then exists (select 1 from {{ ref('int_input_present') }} as x
                where x.review_month = m.review_month and x.input in ('usage', 'seat_usage', 'token_usage', 'lrt')
                and x.in_any_drop)
            when 'use' then not coalesce(c.is_stale, true)
            when 'ref' then r.need is not null
            when 'prev' then coalesce(i.in_prev, false)
            when 'prev3' then coalesce(i.in_prev3, false)
            when 'sign_in' then exists (select 1 from {{ ref('int_directory_account') }} as d
                where d.review_month = m.review_month and d.last_sign_in_at is not null)
            when 'status' then exists (select 1 from {{ ref('int_portal_user') }} as u
                where u.review_month = m.review_month and u.account_status is not null)
            when 'invited_at' then exists (select 1 from {{ ref('stg_portal__hub_members') }} as h
                where h.review_month = m.review_month and h.invited_at is not null)
        end as is_there
    from {{ ref('int_month') }} as m
    cross join {{ source('reference', 'rule_needs') }} as n
    left join {{ ref('int_input_present') }} as i on i.review_month = m.review_month and i.input = n.need
    left join {{ ref('int_clock') }} as c on c.review_month = m.review_month
    left join reference_rows as r on r.review_month = m.review_month and r.need = n.need
),
worded as (
    select s.*,
        case s.place
            when 'A' then 'assignments (usage_report or users)'
            when 'use' then 'fresh use (the data ends too early, or the drop holds none)'
            when 'any_use' then 'any use (usage, seat_usage, token_usage or lrt)'
            when 'ref' then 'reference table ' || s.need
            when 'status' then 'account_status in users'
            when 'invited_at' then 'invited_at in hub_members'
            when 'any' then s.need || ' in any drop'
            when 'prev' then s.need || ' in the drop of the month before'
            when 'prev3' then s.need || ' in the drop of three months before'
            when 'sign_in' then 'last_sign_in_at in directory_users'
            else s.need
        end as wording
    from state as s
),
groups as (
    select review_month, rule_id, one_of, bool_or(is_there) as any_there,
        {{ distinct_text('wording', ' or ') }} as wording
    from worded
    where coalesce(one_of, '') <> ''
    group by review_month, rule_id, one_of
),
missing as (
    select review_month, rule_id, wording, true as stops from worded where not is_there and not is_optional
    union all
    select review_month, rule_id, wording, true from groups where not any_there
    union all
    select w.review_month, w.rule_id, w.wording, false
    from worded as w
    where not w.is_there and w.is_optional
        and not exists (select 1 from groups as g where g.review_month = w.review_month and g.rule_id = w.rule_id
            and g.one_of = w.one_of and not g.any_there)
),
missing_text as (
    select review_month, rule_id,
        bool_or(stops) as stops,
        {{ distinct_text("case when stops then wording end", ', ') }} as stopping,
        {{ distinct_text("case when not stops then wording end", ', ') }} as partial
    from missing
    group by review_month, rule_id
),
state_input as (
    -- The state inputs behind a need, and of which drop; each once for a rule. Rows of events that were rejected are
    -- named in the quarantine and leave no rule in doubt.
    select i.rule_id, i.input, i.months_back
    from {{ ref('int_rule_input') }} as i
    where i.input not in ('usage', 'seat_usage', 'token_usage', 'lrt', 'tokenflex', 'nlm_log', 'sam_usage')
),
doubt as (
    select d.review_month, s.rule_id, sum(d.rejected_rows) as rejected_rows, sum(d.unread_cells) as unread_cells,
        sum(d.unknown_rows) as unknown_rows
    from state_input as s
    inner join {{ ref('int_input_doubt') }} as d using (input, months_back)
    group by d.review_month, s.rule_id
),
-- An input that the rule stands on is not whole, or not joinable; and, of those, from what is missing nothing is
-- concluded.
part as (
    select c.review_month, i.rule_id,
        {{ distinct_text("c.input || case c.months_back when 0 then ''
        else ' of ' || c.drop_month end || ' is not whole (' || c.reason || ')'", '; ') }} as reason
    from {{ ref('int_rule_input') }} as i
    inner join {{ ref('int_input_complete') }} as c on c.input = i.input and c.months_back = i.months_back
        and not c.is_complete
    group by c.review_month, i.rule_id
),
silent as (
    select review_month, rule_id, bool_or(part = '') as is_all
        from {{ ref('int_inconclusive') }} group by review_month, rule_id
),
unjoined as (
    select j.review_month, k.rule_id,
        {{ distinct_text("j.input || ' is not joinable for ' || j.domain || ': ' || (j.people - j.matched) || ' of '
            || j.people || ' people have no match, and none of them is called absent'", '; ') }} as reason
    from {{ ref('int_input_joinable') }} as j
    inner join (values ('IDN-01', 'directory_users'), ('ADM-03', 'directory_users'), ('ADM-07', 'directory_users'),
        ('HUB-01', 'directory_users'), ('CON-04', 'hr_workers')) as k (rule_id, input) on k.input = j.input
    where not j.is_joinable
    group by j.review_month, k.rule_id
),
young as (
    select review_month, bool_and(not is_old_enough) as all_young
    from {{ ref('int_pool') }}
    where term_start is not null
    group by review_month
),
excluded as (
    select review_month, rule_id, sum(excluded) as excluded, {{ distinct_text('reason', '; ') }} as reason
    from {{ ref('int_excluded_subject') }}
    group by review_month, rule_id
)
select
    m.review_month,
    k.rule_id,
    case
        when not m.has_drop or coalesce(t.stops, false) or (k.rule_id = 'FLX-01' and coalesce(y.all_young, false))
            or e.rule_id is not null then 'not_assessable'
        when coalesce(t.partial, '') <> '' or j.rule_id is not null or l.excluded is not null or p.rule_id is not null
            or x.rule_id is not null
            then 'partly'
        else 'assessed'
    end as assessability,
    case
        when not m.has_drop then 'there is no drop ' || m.review_month
        when coalesce(t.stops, false) then 'missing: ' || t.stopping
        when k.rule_id = 'FLX-01' and coalesce(y.all_young, false) then 'every pool is too young to be judged'
        when e.rule_id is not null then e.reason
        else nullif(concat_ws('; ',
            case when coalesce(t.partial, '') <> '' then 'without: ' || t.partial end,
            case when j.rejected_rows > 0 then j.rejected_rows || ' rows of its inputs were rejected' end,
            case when j.unread_cells > 0 then j.unread_cells || ' cells of its inputs could not be read' end,
            case when j.unknown_rows > 0 then j.unknown_rows
                || ' rows of its inputs have a value that no value table knows' end,
            p.reason || case when s.rule_id is null then '' when s.is_all then ': nobody is named by what is missing'
                else ': nothing is concluded from what is missing' end,
            x.reason,
            l.reason), '')
    end as reason
from {{ ref('int_month') }} as m
cross join {{ source('reference', 'rule_catalogue') }} as k
left join missing_text as t using (review_month, rule_id)
left join doubt as j on j.review_month = m.review_month and j.rule_id = k.rule_id
left join young as y using (review_month)
left join excluded as l on l.review_month = m.review_month and l.rule_id = k.rule_id
-- What a run writes down when a model fails (pipelines/failures): the rules that read it could not run. Empty in every
-- other run.
left join raw.failed_rule as e on e.review_month = m.review_month and e.rule_id = k.rule_id
left join part as p on p.review_month = m.review_month and p.rule_id = k.rule_id
left join silent as s on s.review_month = m.review_month and s.rule_id = k.rule_id
left join unjoined as x on x.review_month = m.review_month and x.rule_id = k.rule_id
