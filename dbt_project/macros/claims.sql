{# Names of products, devices and periods as inventories and auditors write them. #}

{# What stands before the release in the name of an installed product, where only a language follows; null elsewhere. #}
{% macro before_release(name) -%}
nullif(regexp_extract({{ name }}, '^(.*?) +(19|20)[0-9][0-9]([.][0-9]+)*( *- *[^-]+| *[(][^)]*[)])*$', 1), '')
{%- endmacro %}

{# The release that a name says: its year. #}
{% macro release_in_name(name) -%}
{{ leading_integer("regexp_extract(' ' || " ~ name ~ " || ' ', '[^0-9]((19|20)[0-9][0-9])[^0-9]', 1)") }}
{%- endmacro %}

{# A version's release where that is a year; an internal number (24.3) says nothing that could be compared. #}
{% macro year_of_version(version) -%}
case when {{ leading_integer(version) }} >= 1980 and {{ leading_integer(version) }} < 2100
    then {{ leading_integer(version) }} end
{%- endmacro %}

{# A device's name without its domain; an address of numbers stays whole. #}
{% macro device_key(device) -%}
case when {{ matches(lower_case(device), '[a-z]') }} then split_part({{ lower_case(trimmed(device)) }}, '.', 1)
    else {{ trimmed(device) }} end
{%- endmacro %}

{# A serial number without what people put between its digits. #}
{% macro serial_key(serial) -%}nullif(replace({{ fold(serial) }}, '_', ''), ''){%- endmacro %}

{# The first and the last day that a period in words means; null where it is none of: a day, a month, a quarter, a year,
   or two of them with `to`, `-`, `/`, `..` between. #}
{% macro period_part(period, part) -%}
regexp_extract(case when {{ matches(lower_case(trimmed(period)), '^q[1-4][ /-]*[0-9]{4}$') }}
        then right({{ trimmed(period) }}, 4) || '-' || substr({{ lower_case(trimmed(period)) }}, 1, 2)
        else {{ lower_case(trimmed(period)) }} end, '^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?|-?q[1-4])?)(?:[ t]00:00(?::00)?)?'
    || '(?: *(?:-|to|until|through|bis|/|[.][.]|–) *'
    || '([0-9]{4}(-[0-9]{2}(-[0-9]{2})?|-?q[1-4])?)(?:[ t]00:00(?::00)?)?)?$', {{ part }})
{%- endmacro %}
{% macro begins(text) -%}
try_cast(case
    when {{ matches(text, 'q[1-4]$') }}
        then substr({{ text }}, 1, 4) || '-' || case right({{ text }}, 1) when '1' then '01' when '2' then '04'
            when '3' then '07' else '10' end || '-01'
    else {{ text }} || case length({{ text }}) when 4 then '-01-01' when 7 then '-01' else '' end end as date)
{%- endmacro %}
{% macro ends(text) -%}
case
    when {{ matches(text, 'q[1-4]$') }} then {{ add_days(add_months(begins(text), 3), -1) }}
    when length({{ text }}) = 4 then {{ add_days(add_months(begins(text), 12), -1) }}
    when length({{ text }}) = 7 then {{ add_days(add_months(begins(text), 1), -1) }}
    else {{ begins(text) }}
end
{%- endmacro %}

{# Whether a line of the claims can be judged: it says something that no other line says, of a known product, for a
   period that can be read. #}
{% macro can_be_judged(claim) -%}
{{ claim }}.duplicate_of is null and {{ claim }}.is_mapped and {{ claim }}.is_period_read
{%- endmacro %}

{# The lines that can be judged, each with the month that judges it. #}
{% macro claims_to_judge() -%}
select c.*, m.as_of, m.drop_month, m.horizon
    from {{ ref('int_claim') }} as c
    inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
    where {{ can_be_judged('c') }}
{%- endmacro %}
