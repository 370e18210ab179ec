-- Grain: (team, offering) of the position and of telemetry: the auditor's count, the lines that leave it, ours. The
-- lines add up exactly. A line whose inputs are missing is null and takes nobody out: the counts after it stand as "at
-- most", and `assessability` names it. Where A is missing there are no rows.
with pairs as (
    select review_month, team_alias, offering_key from {{ ref('int_position') }}
    union
    select review_month, team_alias, offering_key from {{ ref('int_lrt_cell') }}
),
given as (
    select
        review_month,
        bool_or(input in ('usage_report', 'users') and in_drop) as has_a,
        bool_or(input = 'subscriptions' and in_drop) as has_subscriptions,
        bool_or(input = 'lrt' and in_any_drop) as has_lrt,
        bool_or(input = 'token_usage' and in_any_drop) as has_tokens,
        bool_or(input = 'perpetual_licences' and in_drop) as has_perpetual,
        bool_or(input = 'contractors' and in_drop) as has_contractors
    from {{ ref('int_input_present') }}
    group by review_month
),
lines as (
    select
        review_month, team_alias, offering_key, count(*) as auditor_count,
        count(*) filter (where line = 'flex_covered') as flex_covered,
        count(*) filter (where line = 'perpetual_covered') as perpetual_covered,
        count(*) filter (where line = 'contractor_own_cover') as contractor_own_cover,
        count(*) filter (where line = 'ghost') as ghost,
        count(*) filter (where line = 'duplicate') as duplicate,
        count(*) filter (where line = 'inactive') as inactive
    from {{ ref('int_auditor_person') }}
    group by review_month, team_alias, offering_key
),
hidden as (
    -- Persons known only by hash in a team that hides personal data are not counted; the pair says so.
    select l.review_month, l.team_alias, l.offering_key, count(distinct l.person_key) as excluded
    from {{ ref('int_lrt_cell') }} as l
    where l.is_excluded
        and not exists (
            select 1 from {{ ref('int_holding') }} as h
            where h.review_month = l.review_month and h.person_key = l.person_key and h.offering_key = l.offering_key)
    group by l.review_month, l.team_alias, l.offering_key
),
not_covered as (
    select review_month, team_alias, offering_key, count(*) as persons
    from {{ ref('int_auditor_outsider') }}
    where right_not_known
    group by review_month, team_alias, offering_key
),
counted as (
    select
        p.review_month, p.team_alias, p.offering_key,
        coalesce(l.auditor_count, 0) as auditor_count,
        case when g.has_tokens then coalesce(l.flex_covered, 0) end as flex_covered,
        case when g.has_perpetual then coalesce(l.perpetual_covered, 0) end as perpetual_covered,
        case when g.has_contractors then coalesce(l.contractor_own_cover, 0) end as contractor_own_cover,
        case when a.assessability <> 'not_assessable' then coalesce(l.ghost, 0) end as ghost,
        coalesce(l.duplicate, 0) as duplicate,
        case when {{ use_is_known('c') }} then coalesce(l.inactive, 0) end as inactive,
        case when g.has_subscriptions then coalesce(o.entitled, 0) end as entitled,
        coalesce(o.contract_price, q.amount) as contract_price,
            coalesce(o.contract_currency, q.currency) as contract_currency,
        coalesce(o.list_price, w.amount) as list_price, coalesce(o.list_currency, w.currency) as list_currency,
        o.gap_org, o.contract_number,
        coalesce(x.excluded, 0) as excluded,
        coalesce(u.persons, 0) as coverage_not_known,
        concat_ws(', ',
            case when not g.has_lrt or not {{ concluded('CON-03', 'c') }} then 'persons without a seat' end,
            case when x.excluded > 0 then 'persons known only by hash' end,
            case when u.persons > 0 then 'persons whose right is not known' end,
            case when not g.has_tokens then 'flex_covered' end,
            case when not g.has_perpetual then 'perpetual_covered' end,
            case when not g.has_contractors then 'contractor_own_cover' end,
            case when a.assessability = 'not_assessable' then 'ghost'
                when a.assessability = 'partly' then 'part of ghost' end,
            case when not {{ use_is_known('c') }} then 'inactive' end,
            case when not g.has_subscriptions then 'entitled' end) as without
    from pairs as p
    inner join given as g on g.review_month = p.review_month and g.has_a
    inner join {{ ref('int_clock') }} as c on c.review_month = p.review_month
    inner join {{ ref('int_assessability') }} as a on a.review_month = p.review_month and a.rule_id = 'IDN-01'
    left join lines as l on l.review_month = p.review_month and l.team_alias = p.team_alias
        and l.offering_key = p.offering_key
    left join hidden as x on x.review_month = p.review_month and x.team_alias = p.team_alias
        and x.offering_key = p.offering_key
    left join not_covered as u on u.review_month = p.review_month and u.team_alias = p.team_alias
        and u.offering_key = p.offering_key
    left join {{ ref('int_position') }} as o on o.review_month = p.review_month and o.team_alias = p.team_alias
        and o.offering_key = p.offering_key
    left join {{ ref('int_price') }} as q on q.review_month = p.review_month and q.offering_key = p.offering_key
        and q.basis = 'contract' and q.contract_number = ''
    left join {{ ref('int_price') }} as w on w.review_month = p.review_month and w.offering_key = p.offering_key
        and w.basis = 'list' and w.contract_number = ''
),
defended as (
    select c.*, c.auditor_count - coalesce(c.flex_covered, 0) - coalesce(c.perpetual_covered,
        0) - coalesce(c.contractor_own_cover, 0) as defensible_count from counted as c
),
summed as (
    select d.*, d.defensible_count - coalesce(d.ghost, 0) - d.duplicate - coalesce(d.inactive,
        0) as after_remediation_count from defended as d
)
select
    s.* {{ all_but('without') }},
    case when s.without = '' then 'assessed' else 'partly: without ' || s.without end as assessability,
    s.auditor_count - s.entitled as gap_auditor,
    s.defensible_count - s.entitled as gap_defensible,
    s.after_remediation_count - s.entitled as gap_after,
    -- greatest() skips null: what is not known is not zero.
    {{ count_sum('case when s.entitled is not null then greatest(0, s.entitled - s.auditor_count) end',
        'over (partition by s.review_month, s.offering_key)') }} as cross_team_surplus
from summed as s
