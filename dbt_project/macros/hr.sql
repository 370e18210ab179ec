{# What an HR record says, where more than one model reads it. #}

{# The leave date of a row: one before the hire date belongs to an earlier employment, one of year 9999 means never; both are none. #}
{% macro hr_leave_date(row) -%}
case when not ({{ row }}.leave_date >= cast('9999-01-01' as date) or coalesce({{ row }}.leave_date < {{ row }}.hire_date, false)) then {{ row }}.leave_date end
{%- endmacro %}
