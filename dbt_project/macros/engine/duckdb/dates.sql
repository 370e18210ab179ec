{# Dates and lengths of time on DuckDB; `../dates.sql` says what each macro means. #}

{% macro duckdb__days_between(later, earlier) -%}date_diff('day', cast({{ earlier }} as date),
    cast({{ later }} as date)){%- endmacro %}

{% macro duckdb__add_days(day, number) -%}(cast({{ day }} as date) + cast({{ number }} as integer)){%- endmacro %}

{% macro duckdb__add_months(day, number) -%}cast(cast({{ day }} as date)
    + to_months(cast({{ number }} as integer)) as date){%- endmacro %}

{% macro duckdb__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}

{% macro duckdb__month_text(day) -%}strftime({{ day }}, '%Y-%m'){%- endmacro %}

{% macro duckdb__days_from_to(first_day, last_day) -%}cast(unnest(generate_series(
    cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day)) as date){%- endmacro %}

{% macro duckdb__seconds_between(later, earlier) -%}date_diff('second', {{ earlier }}, {{ later }}){%- endmacro %}

{% macro duckdb__microseconds_between(later, earlier) -%}date_diff('microsecond', {{ earlier }},
    {{ later }}){%- endmacro %}

{% macro duckdb__minutes(number) -%}to_microseconds(cast(least(cast({{ number }} as double),
    527040) * 60000000 as bigint)){%- endmacro %}

{% macro duckdb__minute_after(moment) -%}({{ moment }} + interval 1 minute){%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}extract(isodow from {{ day }}){%- endmacro %}
