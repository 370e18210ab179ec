-- Grain: (rule, key): every finding of the rules that could run, with its id, its evidence as file and rows, and its
-- money in the organisation's currency.
with ran as (
    select f.*, a.assessability, k.rule_version, k.calendar_output, k.title,
        substr({{ sha256_hex("f.rule_id || '|' || coalesce(f.team_alias, '') || '|' || coalesce(f.offering_key, '')
            || '|' || coalesce(f.person_key, '') || '|' || coalesce(f.scope, '')") }}, 1, 16) as finding_id
    from {{ ref('int_finding_row') }} as f
    inner join {{ ref('int_assessability') }} as a on a.review_month = f.review_month and a.rule_id = f.rule_id
    inner join {{ source('reference', 'rule_catalogue') }} as k on k.rule_id = f.rule_id
    where a.assessability <> 'not_assessable'
),
reference_row as (
    select review_month, finding_id, {{ list_rows('evidence') }} as src from ran
),
file_rows as (
    select e.review_month, e.finding_id, g.sha256,
        {{ distinct_text("lpad(cast(e.src % 10000000000 as string), 10, '0')", ',') }} as padded
    from reference_row as e
    inner join {{ source('raw', 'file_register') }} as g on g._file_no = cast(floor(e.src / 10000000000) as integer)
    group by e.review_month, e.finding_id, g.sha256
),
evidence_text as (
    select review_month, finding_id,
        {{ distinct_text("sha256 || ':' || " ~ without_padding('padded'), ';') }} as evidence
    from file_rows
    group by review_month, finding_id
)
select
    r.review_month, r.finding_id, r.rule_id, r.rule_version, r.team_alias, r.offering_key, r.person_key, r.scope,
    r.observed, r.threshold, r.excess, r.exposure_amount, r.currency, coalesce(r.price_basis, 'none') as price_basis,
    -- From the exact amount, so that each currency is rounded once.
    case when o.currency is null or o.currency = r.currency then r.exposure_amount
        else {{ money_ratio('r.exposure_times_over', 'x.per_unit', 'r.exposure_over') }} end as exposure_amount_org,
    coalesce(o.currency, r.currency) as currency_org,
    r.severity, r.confidence, r.assessability, e.evidence, r.evidence_count, r.route, r.recommended_action,
        r.calendar_output, r.title, r.detail,
    r.amount_now, r.amount_alternative, r.break_even_days_year, r.days_12m, r.months_observed, r.receiver_person_key,
        r.seats_to_buy, r.cure
from ran as r
left join evidence_text as e using (review_month, finding_id)
left join {{ ref('int_rate') }} as o on o.review_month = r.review_month and o.is_own
left join {{ ref('int_rate') }} as x on x.review_month = r.review_month and x.currency = r.currency
