{# Dates: what differs between engines. Arguments are SQL expressions. Dates in, dates or integers out. #}

{% macro days_between(later, earlier) -%}{{ return(adapter.dispatch('days_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}
{% macro default__days_between(later, earlier) -%}date_diff('day', cast({{ earlier }} as date),
    cast({{ later }} as date)){%- endmacro %}
{% macro spark__days_between(later, earlier) -%}datediff(cast({{ later }} as date),
    cast({{ earlier }} as date)){%- endmacro %}

{% macro add_days(day, number) -%}{{ return(adapter.dispatch('add_days', 'selfaudit')(day, number)) }}{%- endmacro %}
{% macro default__add_days(day, number) -%}(cast({{ day }} as date) + cast({{ number }} as integer)){%- endmacro %}
{% macro spark__add_days(day, number) -%}date_add(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro add_months(day, number) -%}{{ return(adapter.dispatch('add_months', 'selfaudit')(day,
    number)) }}{%- endmacro %}
{% macro default__add_months(day, number) -%}cast(cast({{ day }} as date)
    + to_months(cast({{ number }} as integer)) as date){%- endmacro %}
{% macro spark__add_months(day, number) -%}add_months(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro month_start(day) -%}{{ return(adapter.dispatch('month_start', 'selfaudit')(day)) }}{%- endmacro %}
{% macro default__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}
{% macro spark__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}

{% macro month_text(day) -%}{{ return(adapter.dispatch('month_text', 'selfaudit')(day)) }}{%- endmacro %}
{% macro default__month_text(day) -%}strftime({{ day }}, '%Y-%m'){%- endmacro %}
{% macro spark__month_text(day) -%}date_format({{ day }}, 'yyyy-MM'){%- endmacro %}

{# A table expression with one column `day` from first to last, both inclusive, per row of the relation it is joined
   to. #}
{% macro days_from_to(first_day, last_day) -%}{{ return(adapter.dispatch('days_from_to', 'selfaudit')(first_day,
    last_day)) }}{%- endmacro %}
{% macro default__days_from_to(first_day, last_day) -%}unnest(generate_series(cast({{ first_day }} as timestamp),
    cast({{ last_day }} as timestamp), interval 1 day)){%- endmacro %}
{% macro spark__days_from_to(first_day, last_day) -%}explode(sequence({{ first_day }}, {{ last_day }})){%- endmacro %}

{% macro seconds_between(later, earlier) -%}{{ return(adapter.dispatch('seconds_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}
{% macro default__seconds_between(later, earlier) -%}date_diff('second', {{ earlier }}, {{ later }}){%- endmacro %}
{% macro spark__seconds_between(later,
    earlier) -%}(unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})){%- endmacro %}

{% macro microseconds_between(later, earlier) -%}{{ return(adapter.dispatch('microseconds_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}
{% macro default__microseconds_between(later, earlier) -%}date_diff('microsecond', {{ earlier }},
    {{ later }}){%- endmacro %}
{% macro spark__microseconds_between(later,
    earlier) -%}(unix_micros({{ later }}) - unix_micros({{ earlier }})){%- endmacro %}

{# A length of time of so many minutes, a number of any type; more than a leap year counts as one. #}
{% macro minutes(number) -%}{{ return(adapter.dispatch('minutes', 'selfaudit')(number)) }}{%- endmacro %}
{% macro default__minutes(number) -%}to_microseconds(cast(least(cast({{ number }} as double),
    527040) * 60000000 as bigint)){%- endmacro %}
{% macro spark__minutes(number) -%}make_dt_interval(0, 0, 0,
    least(cast({{ number }} as double), 527040) * 60){%- endmacro %}

{# A minute later. #}
{% macro minute_after(moment) -%}{{ return(adapter.dispatch('minute_after', 'selfaudit')(moment)) }}{%- endmacro %}
{% macro default__minute_after(moment) -%}({{ moment }} + interval 1 minute){%- endmacro %}
{% macro spark__minute_after(moment) -%}({{ moment }} + make_dt_interval(0, 0, 1, 0)){%- endmacro %}
