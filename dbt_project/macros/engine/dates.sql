{# Dates: what differs between engines. Arguments are SQL expressions. Dates in, dates or integers out. #}

{% macro days_between(later, earlier) -%}{{ return(adapter.dispatch('days_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}

{% macro add_days(day, number) -%}{{ return(adapter.dispatch('add_days', 'selfaudit')(day, number)) }}{%- endmacro %}

{% macro add_months(day, number) -%}{{ return(adapter.dispatch('add_months', 'selfaudit')(day,
    number)) }}{%- endmacro %}

{% macro month_start(day) -%}{{ return(adapter.dispatch('month_start', 'selfaudit')(day)) }}{%- endmacro %}

{% macro month_text(day) -%}{{ return(adapter.dispatch('month_text', 'selfaudit')(day)) }}{%- endmacro %}

{# One row per day from first to last, both inclusive; a column of the select list, in no other expression. #}
{% macro days_from_to(first_day, last_day) -%}{{ return(adapter.dispatch('days_from_to', 'selfaudit')(first_day,
    last_day)) }}{%- endmacro %}

{% macro seconds_between(later, earlier) -%}{{ return(adapter.dispatch('seconds_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}

{% macro microseconds_between(later, earlier) -%}{{ return(adapter.dispatch('microseconds_between', 'selfaudit')(later,
    earlier)) }}{%- endmacro %}

{# A length of time of so many minutes, a number of any type; more than a leap year counts as one. #}
{% macro minutes(number) -%}{{ return(adapter.dispatch('minutes', 'selfaudit')(number)) }}{%- endmacro %}

{# A minute later. #}
{% macro minute_after(moment) -%}{{ return(adapter.dispatch('minute_after', 'selfaudit')(moment)) }}{%- endmacro %}

{# The day of the week, 1 Monday to 7 Sunday. #}
{% macro iso_weekday(day) -%}{{ return(adapter.dispatch('iso_weekday', 'selfaudit')(day)) }}{%- endmacro %}
