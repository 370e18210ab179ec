{# The common finding columns, in one order and one set of types, for every rule view. Arguments are SQL expressions
   over the `from` that the
   rule writes after this select list; what a rule does not name is null. `evidence` must be a list of src (macros
   evidence, evidence_of).
   `exposure` is not rounded: the amount times `exposure_over` (a positive integer), so that each currency is rounded
   once, from the same exact amount.
   `exposure_amount` is given by rules that show both amounts of a difference: it is then the difference of what is
   shown. #}
{% macro finding(
    rule_id, observed, threshold, severity, evidence, detail, recommended_action,
    excess=none, team='null', offering='null', person='null', scope='null', exposure='null', exposure_over='1',
        exposure_amount=none, currency='null', price_basis='null',
    confidence="'high'", route='null', evidence_count=none, amount_now='null', amount_alternative='null',
        break_even='null',
    days_12m='null', months_observed='null', receiver='null', seats_to_buy='null', cure='null',
        review_month='review_month'
) -%}
    {{ review_month }} as review_month,
    cast('{{ rule_id }}' as string) as rule_id,
    cast({{ team }} as string) as team_alias,
    cast({{ offering }} as string) as offering_key,
    cast({{ person }} as string) as person_key,
    cast({{ scope }} as string) as scope,
    cast({{ observed }} as double) as observed,
    cast({{ threshold }} as double) as threshold,
    cast({{ excess if excess is not none else '(' ~ observed ~ ') - (' ~ threshold ~ ')' }} as double) as excess,
    {% if exposure_amount is not none -%}
    {{ exposure_amount }}
    {%- elif exposure != 'null' -%}
    {{ money_ratio(exposure, '1', exposure_over) }}
    {%- else -%}
    cast(null as {{ money_type() }})
    {%- endif %} as exposure_amount,
    {{ exact(exposure) }} as exposure_times_over,
    cast({{ exposure_over }} as bigint) as exposure_over,
    cast(case when {{ exact(exposure) }} is not null then {{ currency }} end as string) as currency,
    cast({{ price_basis }} as string) as price_basis,
    cast({{ severity }} as string) as severity,
    cast({{ confidence }} as string) as confidence,
    cast({{ route }} as string) as route,
    cast({{ recommended_action }} as string) as recommended_action,
    cast({{ detail }} as string) as detail,
    {{ evidence }} as evidence,
    cast({{ evidence_count if evidence_count is not none else list_size(evidence) }} as bigint) as evidence_count,
    cast({{ amount_now }} as {{ money_type() }}) as amount_now,
    cast({{ amount_alternative }} as {{ money_type() }}) as amount_alternative,
    cast({{ break_even }} as double) as break_even_days_year,
    cast({{ days_12m }} as bigint) as days_12m,
    cast({{ months_observed }} as double) as months_observed,
    cast({{ receiver }} as string) as receiver_person_key,
    cast({{ seats_to_buy }} as bigint) as seats_to_buy,
    cast({{ cure }} as string) as cure
{%- endmacro %}
