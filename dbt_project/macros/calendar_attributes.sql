{# What a day is in the calendar and in the organisation's fiscal year, for dim_date and dim_month. `start`: month in
   which the fiscal year begins; it is called by the year in which it ends. #}
{% macro calendar_attributes(day, start) -%}
    cast(extract(year from {{ day }}) as bigint) as year,
    cast(floor((extract(month from {{ day }}) - 1) / 3) + 1 as bigint) as quarter,
    cast(extract(month from {{ day }}) as bigint) as month_number,
    split_part('January,February,March,April,May,June,July,August,September,October,November,December', ',',
        cast(extract(month from {{ day }}) as integer)) as month_name,
    cast(extract(year from {{ day }}) + case when {{ start }} > 1 and extract(month from {{ day }}) >= {{ start }}
        then 1 else 0 end as bigint) as fiscal_year,
    cast(floor({{ months_into('extract(month from ' ~ day ~ ')', start) }} / 3) + 1 as bigint) as fiscal_quarter,
    cast({{ months_into('extract(month from ' ~ day ~ ')', start) }} + 1 as bigint) as fiscal_month
{%- endmacro %}

{# Months since the fiscal year began: 0 to 11. #}
{% macro months_into(month, start) -%}(({{ month }} - {{ start }} + 12) % 12){%- endmacro %}

{# Per review month the month in which the fiscal year begins: the setting, where it is one of 1 to 12, else January. #}
{% macro fiscal_start() -%}
{%- set month = 'case when ' ~ leading_number('s.value') ~ ' < 13 then ' ~ whole_of_text('s.value') ~ ' end' -%}
select m.review_month, cast(coalesce(max(case when s.key = 'fiscal_year_start_month' and ({{ month }}) >= 1
    and ({{ month }}) <= 12 then {{ month }} end), 1) as integer) as start_month
from {{ ref('int_month') }} as m
left join {{ source('reference', 'settings') }} as s on s.review_month = m.review_month
group by m.review_month
{%- endmacro %}
