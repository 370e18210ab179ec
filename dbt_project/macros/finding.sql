{# The columns of a finding, in one order and one set of types, for every rule view. A rule selects what it found as a
   common table expression `found`, one row for each finding, and ends with
       select {{ finding('USE-01', ['team_alias', 'exposure']) }} from found
   `found` always has the columns review_month, observed, threshold, severity, recommended_action, evidence (a list of
   src; macros evidence, evidence_of) and detail (the sentence). The second argument names those it has besides:
   - team_alias, offering_key, person_key, scope: what the finding is about; null if not named
   - excess: by default observed - threshold
   - exposure, with the columns currency and price_basis: an exact amount, not rounded. What is published is the amount
     times `exposure_over` (a positive integer, 1 by default) divided by it, so that it is rounded once
   - exposure_amount: by rules that show both amounts of a difference, which is then the difference of what is shown
   - evidence_count: rows that the finding stands on, of which evidence names at most 20; by default those it names
   - confidence: 'high' by default
   - route, amount_now, amount_alternative, break_even_days_year, days_12m, months_observed, receiver_person_key,
     seats_to_buy, cure: null if not named
   tests/dbt/test_findings.py compares the list with the columns of `found`. #}
{% macro finding(rule_id, besides=[]) -%}
    review_month,
    cast('{{ rule_id }}' as string) as rule_id,
    cast({{ 'team_alias' if 'team_alias' in besides else 'null' }} as string) as team_alias,
    cast({{ 'offering_key' if 'offering_key' in besides else 'null' }} as string) as offering_key,
    cast({{ 'person_key' if 'person_key' in besides else 'null' }} as string) as person_key,
    cast({{ 'scope' if 'scope' in besides else 'null' }} as string) as scope,
    cast(observed as double) as observed,
    cast(threshold as double) as threshold,
    cast({{ 'excess' if 'excess' in besides else 'observed - threshold' }} as double) as excess,
    {% if 'exposure_amount' in besides -%}
    exposure_amount
    {%- elif 'exposure' in besides -%}
    {{ money_ratio('exposure', '1', 'exposure_over' if 'exposure_over' in besides else '1') }}
    {%- else -%}
    cast(null as {{ money_type() }})
    {%- endif %} as exposure_amount,
    {{ exact('exposure' if 'exposure' in besides else 'null') }} as exposure_times_over,
    cast({{ 'exposure_over' if 'exposure_over' in besides else '1' }} as bigint) as exposure_over,
    cast({% if 'exposure' in besides %}case when {{ exact('exposure') }} is not null then currency end{% else
        %}null{% endif %} as string) as currency,
    cast({{ 'price_basis' if 'exposure' in besides else 'null' }} as string) as price_basis,
    cast(severity as string) as severity,
    cast({{ 'confidence' if 'confidence' in besides else "'high'" }} as string) as confidence,
    cast({{ 'route' if 'route' in besides else 'null' }} as string) as route,
    cast(recommended_action as string) as recommended_action,
    cast(detail as string) as detail,
    evidence,
    cast({{ 'evidence_count' if 'evidence_count' in besides else list_size('evidence') }} as bigint) as evidence_count,
    cast({{ 'amount_now' if 'amount_now' in besides else 'null' }} as {{ money_type() }}) as amount_now,
    cast({{ 'amount_alternative' if 'amount_alternative' in besides else 'null' }} as {{ money_type() }})
        as amount_alternative,
    cast({{ 'break_even_days_year' if 'break_even_days_year' in besides else 'null' }} as double)
        as break_even_days_year,
    cast({{ 'days_12m' if 'days_12m' in besides else 'null' }} as bigint) as days_12m,
    cast({{ 'months_observed' if 'months_observed' in besides else 'null' }} as double) as months_observed,
    cast({{ 'receiver_person_key' if 'receiver_person_key' in besides else 'null' }} as string) as receiver_person_key,
    cast({{ 'seats_to_buy' if 'seats_to_buy' in besides else 'null' }} as bigint) as seats_to_buy,
    cast({{ 'cure' if 'cure' in besides else 'null' }} as string) as cure
{%- endmacro %}
