-- Grain: (review_month, finding): findings with their history. A run of months ends only where the rule was assessed,
-- the finding absent, and its absence means something (int_unverifiable); months without that inside it count. Status:
-- rules, "Findings".
-- History is read along lines: '' is that of the months as they stand, each variant of a month has one of its own: the
-- months before it as they stand, the month just before it in the version of the same horizon where there is one.
with final_present as (
    select review_month, finding_id, rule_id, person_key from {{ ref('int_finding') }}
        where not {{ is_variant('review_month') }}
    {% if is_incremental() %}
    union all
    select h.review_month, h.finding_id, h.rule_id, h.person_key
    from {{ this }} as h
    where {{ is_history('h') }}
    {% endif %}
),
variant as (
    select m.review_month, m.drop_month, v.review_month as previous_variant, m.prev_month
    from {{ ref('int_month') }} as m
    left join {{ ref('int_month') }} as v
        on v.drop_month = m.prev_month and {{ is_variant('v.review_month') }}
            and {{ variant_of('v.review_month') }} = {{ variant_of('m.review_month') }}
    where {{ is_variant('m.review_month') }}
),
variant_present as (
    select v.*, f.finding_id, f.rule_id, f.person_key
    from variant as v
    inner join {{ ref('int_finding') }} as f using (review_month)
),
present as (
    select '' as line, review_month, finding_id, rule_id, person_key from final_present
    union all
    select review_month, review_month, finding_id, rule_id, person_key from variant_present
    union all
    select v.review_month, p.review_month, v.finding_id, v.rule_id, v.person_key
    from variant_present as v
    inner join final_present as p on p.finding_id = v.finding_id and p.review_month < v.drop_month
        and not (v.previous_variant is not null and p.review_month = v.prev_month)
    union all
    select v.review_month, p.review_month, v.finding_id, v.rule_id, v.person_key
    from variant_present as v
    inner join {{ ref('int_finding') }} as p on p.review_month = v.previous_variant and p.finding_id = v.finding_id
),
ran as (
    select review_month, rule_id, {{ month_number('review_month') }} as month_number from {{ ref('rule_runs') }}
        where assessability <> 'not_assessable'
),
ran_number as (
    select '' as line, review_month, rule_id, month_number from ran where not {{ is_variant('review_month') }}
    union all
    select v.review_month, r.review_month, r.rule_id, r.month_number
    from variant as v
    inner join ran as r
        on r.review_month = v.previous_variant
        or (r.review_month < v.drop_month and not {{ is_variant('r.review_month') }}
            and not (v.previous_variant is not null and r.review_month = v.prev_month))
),
{% if is_incremental() %}
earlier as (
    select h.review_month, h.finding_id, h.status from {{ this }} as h
    where {{ is_history('h') }}
),
{% else %}
earlier as (
    select cast(null as string) as review_month, cast(null as string) as finding_id, cast(null as string) as status
        where false
),
{% endif %}
numbered as (
    select p.*, {{ month_number('p.review_month') }} as month_number from present as p
),
with_previous as (
    select n.*, lag(n.month_number) over (partition by n.line, n.finding_id order by n.month_number) as previous_number
        from numbered as n
),
-- A gap breaks the run if in a month of it the rule was assessed and could have seen that the finding is gone.
gap as (
    select w.* from with_previous as w where w.month_number - w.previous_number > 1
),
closing as (
    select distinct g.line, g.finding_id, g.month_number
    from gap as g
    inner join ran_number as r on r.line = g.line and r.rule_id = g.rule_id and r.month_number > g.previous_number
        and r.month_number < g.month_number
    where not exists (
        select 1 from {{ ref('int_unverifiable') }} as u
        where u.review_month = r.review_month and u.rule_id = r.rule_id
            and (u.person_key is null or u.person_key = g.person_key)
                and (u.domain is null or u.domain = split_part(g.person_key, '@', 2)))
),
broken as (
    select w.*, w.previous_number is null or c.finding_id is not null as begins_run
    from with_previous as w
    left join closing as c on c.line = w.line and c.finding_id = w.finding_id and c.month_number = w.month_number
),
runs as (
    select b.*, sum(case when b.begins_run then 1 else 0 end) over (partition by b.line, b.finding_id
        order by b.month_number rows unbounded preceding) as run_number
    from broken as b
),
history as (
    select r.*,
        {{ drop_month('min(r.review_month) over (partition by r.line, r.finding_id)') }} as first_seen_month,
        r.month_number - min(r.month_number) over (partition by r.line, r.finding_id, r.run_number) + 1 as months_open
    from runs as r
),
judged as (
    select h.line, h.review_month, h.finding_id, h.first_seen_month, h.months_open, h.begins_run, h.run_number,
        h.month_number, h.previous_number,
        coalesce(d.is_waived, false) as is_waived, d.decision, d.valid_until, d.decided_by, d.decided_at, d.reason
    from history as h
    inner join {{ ref('int_month') }} using (review_month)
    left join {{ ref('int_disposition') }} as d using (review_month, finding_id)
),
after_waiver as (
    select j.*,
        coalesce(lag(j.is_waived) over (partition by j.line, j.finding_id order by j.month_number), e.status = 'waived',
            false) as was_waived
    from judged as j
    left join earlier as e
        on e.finding_id = j.finding_id
        and {{ month_number('e.review_month') }} = j.previous_number
)
select
    f.review_month, f.finding_id, f.rule_id, f.title, f.rule_version, f.team_alias, f.offering_key, f.person_key,
        f.scope,
    f.observed, f.threshold, f.excess, f.exposure_amount, f.currency, f.price_basis, f.exposure_amount_org,
        f.currency_org,
    f.severity, f.confidence, f.assessability, f.evidence, f.evidence_count, f.route, f.recommended_action,
        f.calendar_output,
    a.first_seen_month,
    cast(a.months_open as bigint) as months_open,
    case
        when a.is_waived then 'waived'
        when a.decision = 'false_positive' then 'false_positive'
        when a.decision = 'remediated' then 'reopened'
        when a.previous_number is null then 'new'
        when a.begins_run or a.was_waived then 'reopened'
        else 'open'
    end as status,
    f.detail,
    f.amount_now, f.amount_alternative, f.break_even_days_year, f.days_12m, f.months_observed, f.receiver_person_key,
        f.seats_to_buy, f.cure,
    a.decision, a.valid_until as until, a.decided_by, cast(a.decided_at as date) as decided_on,
        a.reason as reason_for_decision
from {{ ref('int_finding') }} as f
inner join after_waiver as a
    on a.review_month = f.review_month and a.finding_id = f.finding_id and a.line = case
        when {{ is_variant('f.review_month') }} then f.review_month else '' end
