-- Findings with their ids and evidence as file and rows, and the outputs made of them.
create or replace table findings as
with keyed as (
    select f.*, sha256(concat_ws('|', rule_id, coalesce(team, ''), coalesce(offering_key, ''), coalesce(person, ''),
        coalesce(scope, '')))[:16] as finding_id from found as f
),
-- One row per (finding, file): its row numbers in order.
shown as (
    select finding_id, string_agg(f.sha256 || ':' || e.row_list, ';' order by f.sha256) as evidence
    from (
        select finding_id, src // 10000000000 as no, string_agg((src % 10000000000)::varchar, ','
            order by src) as row_list
        from (select finding_id, unnest(evidence) as src from keyed)
        group by all
    ) as e
    inner join file as f using (no)
    group by all
)
select strftime(as_of(), '%Y-%m') as review_month, k.finding_id, k.rule_id, r.title, r.rule_version,
    k.team as team_alias, k.offering_key, k.person as person_key, k.scope,
    k.observed::double as observed, k.threshold::double as threshold, k.excess::double as excess,
        k.exposure::decimal(18, 2) as exposure_amount,
    case when k.exposure is not null then k.currency end as currency, coalesce(k.price_basis, 'none') as price_basis,
        k.severity, coalesce(k.confidence, 'high') as confidence,
    case when k.rule_id = 'USE-03' and exists (from flex_cost where without_rate > 0) or k.rule_id = 'FLX-01'
        and exists (from pool where not is_old_enough and term_start is not null) then 'partly'
        else 'assessed' end as assessability,
    s.evidence, k.evidence_count, k.route, k.action as recommended_action, r.calendar_output,
        coalesce(h.first_seen_month, review_month) as first_seen_month, case
            when h.last_month = getvariable('month_before') then h.months_open + 1 else 1 end::bigint as months_open,
    case when h.finding_id is null then 'new' when h.last_month = getvariable('month_before') then 'open'
        else 'reopened' end as status, k.detail,
    k.amount_now, k.amount_alternative, k.break_even, k.days_12m, k.months_observed, k.seats_to_buy, k.cure
from keyed as k
left join shown as s on s.finding_id = k.finding_id
left join finding_history as h on h.finding_id = k.finding_id
inner join in_rule as r on r.rule_id = k.rule_id;

delete from finding_history where finding_id in (select finding_id from findings);
insert into finding_history select finding_id, first_seen_month, review_month, months_open from findings;

create or replace table licence_position as
select strftime(as_of(), '%Y-%m') as review_month, p.team as team_alias, p.offering_key, p.entitled, p.assigned,
    coalesce(a.active_30d, 0) as active_30d, coalesce(a.active_90d, 0) as active_90d, p.gap_team, p.gap_org,
    coalesce(a.never_used, 0) as never_used, coalesce(a.inactive_90d, 0) as inactive_90d,
        coalesce(a.ghosts, 0) as ghosts, money(p.assigned * p.price) as cost_year,
    money(coalesce(a.wasted, 0) * p.price) as wasted_year, case
        when p.price is not null then p.currency end as currency, p.price_basis, p.contract_number,
        'provisional' as state
from position as p
left join (
    select team, offering_key, count(*) filter (where active_30d) as active_30d,
        count(*) filter (where active_90d) as active_90d, count(*) filter (where last_use is null) as never_used,
        count(*) filter (where days_inactive >= 90) as inactive_90d,
            count(*) filter (where ghost_reason is not null) as ghosts,
        count(*) filter (where last_use is null or days_inactive >= 90 or ghost_reason is not null) as wasted
    from assignment
    group by team, offering_key
) as a on a.team = p.team and a.offering_key = p.offering_key;

create or replace table auditor_count as
with pairs as (
    select team, offering_key from position union select team, offering_key from lrt_use where has_days(days)
),
lines as (
    select team, offering_key, count(*) as auditor_count, count(*) filter (where line = 'flex_covered') as flex_covered,
        count(*) filter (where line = 'perpetual_covered') as perpetual_covered,
        count(*) filter (where line = 'contractor_own_cover') as contractor_own_cover,
            count(*) filter (where line = 'ghost') as ghost,
        count(*) filter (where line = 'duplicate') as duplicate, count(*) filter (where line = 'inactive') as inactive
    from auditor
    group by all
),
hidden as (
    select distinct team, offering_key from lrt_use as l
    where left_out and has_days(days) and not exists (select 1 from held as h where h.person = l.person
        and h.offering_key = l.offering_key)
),
counted as (
    select p.team, p.offering_key, coalesce(l.auditor_count, 0) as auditor_count,
        coalesce(l.flex_covered, 0) as flex_covered, coalesce(l.perpetual_covered, 0) as perpetual_covered,
        coalesce(l.contractor_own_cover, 0) as contractor_own_cover,
            auditor_count - flex_covered - perpetual_covered - contractor_own_cover as defensible_count,
        coalesce(l.ghost, 0) as ghost, coalesce(l.duplicate, 0) as duplicate, coalesce(l.inactive, 0) as inactive,
            defensible_count - ghost - duplicate - inactive as after_remediation_count,
        coalesce(o.entitled, 0) as entitled, auditor_count - coalesce(o.entitled, 0) as gap_auditor,
            defensible_count - coalesce(o.entitled, 0) as gap_defensible,
            after_remediation_count - coalesce(o.entitled, 0) as gap_after,
        coalesce(o.contract_price, q.amount) as contract_price,
            coalesce(o.contract_currency, q.currency) as contract_currency,
        coalesce(o.list_price, w.amount) as list_price, coalesce(o.list_currency, w.currency) as list_currency, case
            when x.team is not null then 'partly' else 'assessed' end as assessability
    from pairs as p
    left join lines as l on l.team = p.team and l.offering_key = p.offering_key
    left join position as o on o.team = p.team and o.offering_key = p.offering_key
    left join hidden as x on x.team = p.team and x.offering_key = p.offering_key
    left join price as q on q.offering_key = p.offering_key and q.basis = 'contract' and q.contract_number = ''
    left join price as w on w.offering_key = p.offering_key and w.basis = 'list' and w.contract_number = ''
)
select strftime(as_of(), '%Y-%m') as review_month, team as team_alias, offering_key, auditor_count, flex_covered,
    perpetual_covered, contractor_own_cover, defensible_count, ghost, duplicate, inactive,
    after_remediation_count, entitled, gap_auditor, gap_defensible, gap_after,
        sum(greatest(0, entitled - auditor_count)) over (partition by offering_key) as cross_team_surplus,
    money(greatest(0, gap_auditor) * list_price) as money_auditor_list,
        money(greatest(0, gap_auditor) * contract_price) as money_auditor_contract,
    money(greatest(0, gap_defensible) * list_price) as money_defensible_list,
        money(greatest(0, gap_defensible) * contract_price) as money_defensible_contract,
    money(greatest(0, gap_after) * list_price) as money_after_list,
        money(greatest(0, gap_after) * contract_price) as money_after_contract,
    list_currency, contract_currency, assessability
from counted;

create or replace table token_forecast as
select strftime(as_of(), '%Y-%m') as review_month, team as team_alias, purchased::decimal(18, 2) as purchased, case
    when term_start is not null then consumed::decimal(18, 2) end as consumed, balance, overdraft, expired,
    elapsed as elapsed_days, case when term_start is not null then first_tokens::double / least(elapsed, 90)
        end as velocity_first_90d, tokens_30::double / 30 as velocity_30d, v_tokens::double / v_days as v_now,
    (consumed + still_to_use)::decimal(18, 2) as projected_total, null::decimal(18, 2) as projected_p10,
        null::decimal(18, 2) as projected_p50, null::decimal(18, 2) as projected_p90,
    exhaustion_date, term_start, term_end,
    case when not is_old_enough then 'not_assessable' when flx_01 then 'short'
        when flx_03 or exhaustion_date <= term_end + 30 then 'tight' else 'adequate' end as adequacy,
    shortfall as shortfall_tokens, short_amount as shortfall_amount, case
        when token_price is not null then currency end as currency, 'v_now' as method, mape as backtest_mape
from pool;

create or replace table deprovisioning_list as
with seat_finding as (
    select * from findings where rule_id in ('USE-01', 'USE-02', 'USE-07', 'IDN-01', 'IDN-11', 'CON-01', 'CON-02',
        'CON-04')
    union all
    select f.* replace (s.team as team_alias) from findings as f
        inner join (from assignment qualify row_number() over (partition by offering_key, person
            order by last_use desc nulls last, team) > 1) as s
            on s.offering_key = f.offering_key and s.person = f.person_key
        where f.rule_id = 'USE-08'
),
placed as (
    select *, list_position(['critical', 'high', 'medium', 'low', 'info'], severity) * 100
        + list_position(['IDN-01', 'IDN-11', 'CON-01', 'CON-02', 'CON-04', 'USE-01', 'USE-02', 'USE-07', 'USE-08'],
            rule_id) as place
    from seat_finding
),
grouped as (
    select team_alias, offering_key, person_key, string_agg(distinct rule_id, ';' order by rule_id) as rule_ids,
        string_agg(distinct finding_id, ';' order by finding_id) as finding_ids,
        arg_min(rule_id, place) as primary_reason, arg_min(severity, place) as severity,
            arg_min(status, place) as status,
        arg_min(confidence, list_position(['low', 'medium', 'high'], confidence)) as confidence,
            min(first_seen_month) as first_seen_month,
        first(months_open order by first_seen_month, months_open desc) as months_open,
        max(observed) filter (where rule_id = 'IDN-01') as ghost_days
    from placed
    group by all
)
select strftime(as_of(), '%Y-%m') as review_month, g.team_alias, g.offering_key, g.person_key, case
    when not a.is_hash then a.person end as email, a.display_name, g.rule_ids, g.primary_reason,
    a.last_use as last_use_date, case
        when a.days_inactive is not null then greatest(0, a.days_inactive) end as days_inactive, a.assigned_date, case
        when a.ghost_reason is not null then a.left_on end as left_on, g.ghost_days::bigint as ghost_days,
        a.routes as route,
    case
        when a.hr_status = 'on_leave' then 'hold'
        when g.primary_reason in ('CON-02', 'CON-04') then 'review'
        when a.by_group then 'edit_group'
        else 'unassign'
    end as action,
    money(a.price) as exposure_amount, case when a.price is not null then a.currency end as currency, g.severity,
        g.confidence, g.first_seen_month, g.months_open, g.status, g.finding_ids
from grouped as g
inner join assignment as a on a.team = g.team_alias and a.offering_key = g.offering_key and a.person = g.person_key;

create or replace table compliance_gap_register as
select f.* exclude (amount_now, amount_alternative, break_even, days_12m, months_observed), p.entitled, p.assigned,
    p.gap_team, p.gap_org,
    case when f.rule_id = 'ENT-05' then f.scope::date end as cliff_date
from findings as f
left join position as p on p.team = f.team_alias and p.offering_key = f.offering_key
where f.rule_id in ('ENT-01', 'ENT-04', 'ENT-05', 'ENT-12', 'LRT-01', 'LRT-02', 'LRT-03', 'LRT-07');

create or replace table reallocation_candidates as
select f.* exclude (amount_now, amount_alternative, break_even, days_12m, months_observed, seats_to_buy, cure, detail),
    case f.rule_id when 'USE-03' then 'to_flex' when 'USE-04' then 'to_seat'
        else 'unassign' end as recommendation, f.days_12m,
        coalesce(f.months_observed, c.months_observed) as months_observed,
    f.amount_now as cost_now, f.amount_alternative as cost_alternative, f.amount_now - f.amount_alternative as saving,
        f.break_even as break_even_days_year, null::varchar as receiver_person_key, f.detail as reason
from findings as f
cross join clock as c
where f.rule_id in ('ENT-02', 'USE-03', 'USE-04', 'USE-05', 'USE-06', 'USE-07', 'USE-08', 'USE-10');
