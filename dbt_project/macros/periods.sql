{# A period is a month, or where a window of 365 days begins on the second of one its first day and the rest of it
   (ingest/write/events.py, by test): a period is in a window, or up to as_of, as a whole or not at all. Its days
   are bits of a number, counted from the first of the month. #}

{# The period of a day. #}
{% macro period_of(day) -%}case when extract(day from {{ day }}) > 1
    and extract(day from {{ add_days(month_start(day), 366) }}) = 1 then {{ add_days(month_start(day), 1) }}
    else {{ month_start(day) }} end{%- endmacro %}

{# The bit of a day. #}
{% macro day_bit(day) -%}{{ bit_at('extract(day from ' ~ day ~ ') - 1') }}{%- endmacro %}

{# Number of days. #}
{% macro day_count(days) -%}bit_count({{ days }}){%- endmacro %}

{# The last and the first day of a period's days, which are not 0. #}
{% macro last_day(period, days) -%}{{ add_days(month_start(period), highest_bit(days)) }}{%- endmacro %}
{% macro first_day(period, days) -%}{{ add_days(month_start(period), lowest_bit(days)) }}{%- endmacro %}

{# The days of the period's month from one day to another, both inclusive, as bits. #}
{% macro days_within(period, first, last) -%}
(case when {{ last }} < {{ month_start(period) }} or {{ first }} > {{ add_days(month_start(period), 30) }}
    or {{ last }} < {{ first }} then 0
    else {{ bit_at('least(31, ' ~ days_between(last, month_start(period)) ~ ' + 1)') }}
        - {{ bit_at('greatest(0, ' ~ days_between(first, month_start(period)) ~ ')') }} end)
{%- endmacro %}
