{# Dates: what differs between engines. Arguments are SQL expressions. Dates in, dates or integers out. #}

{% macro days_between(later, earlier) -%}{{ return(adapter.dispatch('days_between', 'selfaudit')(later, earlier)) }}{%- endmacro %}
{% macro default__days_between(later, earlier) -%}date_diff('day', cast({{ earlier }} as date), cast({{ later }} as date)){%- endmacro %}
{% macro spark__days_between(later, earlier) -%}datediff(cast({{ later }} as date), cast({{ earlier }} as date)){%- endmacro %}

{% macro add_days(day, number) -%}{{ return(adapter.dispatch('add_days', 'selfaudit')(day, number)) }}{%- endmacro %}
{% macro default__add_days(day, number) -%}(cast({{ day }} as date) + cast({{ number }} as integer)){%- endmacro %}
{% macro spark__add_days(day, number) -%}date_add(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro add_months(day, number) -%}{{ return(adapter.dispatch('add_months', 'selfaudit')(day, number)) }}{%- endmacro %}
{% macro default__add_months(day, number) -%}cast(cast({{ day }} as date) + to_months(cast({{ number }} as integer)) as date){%- endmacro %}
{% macro spark__add_months(day, number) -%}add_months(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro month_start(day) -%}{{ return(adapter.dispatch('month_start', 'selfaudit')(day)) }}{%- endmacro %}
{% macro default__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}
{% macro spark__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}

{% macro month_text(day) -%}{{ return(adapter.dispatch('month_text', 'selfaudit')(day)) }}{%- endmacro %}
{% macro default__month_text(day) -%}strftime({{ day }}, '%Y-%m'){%- endmacro %}
{% macro spark__month_text(day) -%}date_format({{ day }}, 'yyyy-MM'){%- endmacro %}

{# A table expression with one column `day` from first to last, both inclusive, per row of the relation it is joined to. #}
{% macro days_from_to(first_day, last_day) -%}{{ return(adapter.dispatch('days_from_to', 'selfaudit')(first_day, last_day)) }}{%- endmacro %}
{% macro default__days_from_to(first_day, last_day) -%}unnest(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day)){%- endmacro %}
{% macro spark__days_from_to(first_day, last_day) -%}explode(sequence({{ first_day }}, {{ last_day }})){%- endmacro %}

{% macro seconds_between(later, earlier) -%}{{ return(adapter.dispatch('seconds_between', 'selfaudit')(later, earlier)) }}{%- endmacro %}
{% macro default__seconds_between(later, earlier) -%}date_diff('second', {{ earlier }}, {{ later }}){%- endmacro %}
{% macro spark__seconds_between(later, earlier) -%}(unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})){%- endmacro %}
