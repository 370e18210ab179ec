{# What an HR record says, where more than one model reads it. #}

{# The leave date of a row: one before the hire date belongs to an earlier employment, one of year 9999 means never;
   both are none.
   may_be_former: a condition under which the hire date is missing only because it could not be read. #}
{% macro hr_leave_date(row, may_be_former='false') -%}
case when not ({{ row }}.leave_date >= cast('9999-01-01' as date)
    or coalesce({{ row }}.leave_date < {{ row }}.hire_date, false) or {{ may_be_former }}) then {{ row }}.leave_date end
{%- endmacro %}
