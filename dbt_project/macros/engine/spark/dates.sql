{# Dates and lengths of time on Spark; `../dates.sql` says what each macro means. #}

{% macro spark__days_between(later, earlier) -%}datediff(cast({{ later }} as date),
    cast({{ earlier }} as date)){%- endmacro %}

{% macro spark__add_days(day, number) -%}date_add(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro spark__add_months(day, number) -%}add_months(cast({{ day }} as date), cast({{ number }} as int)){%- endmacro %}

{% macro spark__month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}

{% macro spark__month_text(day) -%}date_format({{ day }}, 'yyyy-MM'){%- endmacro %}

{% macro spark__days_from_to(first_day, last_day) -%}explode(case when {{ first_day }} <= {{ last_day }}
    then sequence({{ first_day }}, {{ last_day }}) end){%- endmacro %}

{% macro spark__seconds_between(later,
    earlier) -%}(unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})){%- endmacro %}

{% macro spark__microseconds_between(later,
    earlier) -%}(unix_micros({{ later }}) - unix_micros({{ earlier }})){%- endmacro %}

{% macro spark__minutes(number) -%}make_dt_interval(0, 0, 0,
    least(cast({{ number }} as double), 527040) * 60){%- endmacro %}

{% macro spark__minute_after(moment) -%}({{ moment }} + make_dt_interval(0, 0, 1, 0)){%- endmacro %}

{% macro spark__iso_weekday(day) -%}extract(dow_iso from {{ day }}){%- endmacro %}
