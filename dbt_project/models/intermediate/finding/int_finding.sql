-- Grain: (rule, key): every finding of the rules that could run, with its id, its evidence as file and rows, and its money in the organisation's currency.
with found as (
    {% for model in rule_models() %}
    select * from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
ran as (
    select f.*, a.assessability, k.rule_version, k.calendar_output, k.title,
        substr({{ sha256_hex("f.rule_id || '|' || coalesce(f.team_alias, '') || '|' || coalesce(f.offering_key, '') || '|' || coalesce(f.person_key, '') || '|' || coalesce(f.scope, '')") }}, 1, 16) as finding_id
    from found as f
    inner join {{ ref('int_assessability') }} as a on a.review_month = f.review_month and a.rule_id = f.rule_id
    inner join {{ source('reference', 'rule_catalogue') }} as k on k.rule_id = f.rule_id
    where a.assessability <> 'not_assessable'
),
reference_row as (
    select review_month, finding_id, unnest(evidence) as src from ran
),
file_rows as (
    select e.review_month, e.finding_id, g.sha256, {{ distinct_text("lpad(cast(e.src % 10000000000 as varchar), 10, '0')", ',') }} as padded
    from reference_row as e
    inner join {{ source('raw', 'file_register') }} as g on g._file_no = cast(floor(e.src / 10000000000) as integer)
    group by e.review_month, e.finding_id, g.sha256
),
evidence_text as (
    select review_month, finding_id, {{ distinct_text("sha256 || ':' || regexp_replace(padded, '(^|,)0+', '\\1', 'g')", ';') }} as evidence
    from file_rows
    group by review_month, finding_id
),
organisation as (
    select m.review_month, max(case when s.key = 'currency' then s.value end) as currency
    from {{ ref('int_month') }} as m
    left join {{ source('reference', 'settings') }} as s on s.review_month = m.review_month
    group by m.review_month
)
select
    r.review_month, r.finding_id, r.rule_id, r.rule_version, r.team_alias, r.offering_key, r.person_key, r.scope,
    r.observed, r.threshold, r.excess, r.exposure_amount, r.currency, coalesce(r.price_basis, 'none') as price_basis,
    case when r.exposure_amount is null then null when o.currency is null or o.currency = r.currency then r.exposure_amount else {{ money('r.exposure_amount * x.per_unit') }} end as exposure_amount_org,
    coalesce(o.currency, r.currency) as currency_org,
    r.severity, r.confidence, r.assessability, e.evidence, r.evidence_count, r.route, r.recommended_action, r.calendar_output, r.title, r.detail,
    r.amount_now, r.amount_alternative, r.break_even_days_year, r.days_12m, r.months_observed, r.receiver_person_key, r.seats_to_buy, r.cure
from ran as r
inner join {{ ref('int_month') }} as m on m.review_month = r.review_month
left join evidence_text as e on e.review_month = r.review_month and e.finding_id = r.finding_id
left join organisation as o on o.review_month = r.review_month
left join {{ source('reference', 'exchange_rates') }} as x
    on x.review_month = r.review_month and x.currency = r.currency and x.valid_from <= m.as_of and m.as_of <= x.valid_to
