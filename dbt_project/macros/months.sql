{# A month's key (review_month) is the month, or for a variant of it (the same month asked with other facts;
   docs/architecture.md) the month, '~' and
   the variant: for an earlier version the drop up to which event rows count. #}

{# The month of a key. #}
{% macro drop_month(review_month) -%}substr({{ review_month }}, 1, 7){%- endmacro %}

{# The last day of a key's month. #}
{% macro month_end(review_month) -%}
{{ add_days(add_months("cast(" ~ drop_month(review_month) ~ " || '-01' as date)", 1), -1) }}
{%- endmacro %}

{# Whether a key is that of a variant. #}
{% macro is_variant(review_month) -%}(length({{ review_month }}) > 7){%- endmacro %}

{# What a key carries behind the month; empty for the month itself. #}
{% macro variant_of(review_month) -%}substr({{ review_month }}, 9){%- endmacro %}

{# Whether a row that a kept table has is history of the run: of a month before all of the run's, as it stands. Where a
   run makes its months apart, variants of those made already stand beside them. #}
{% macro is_history(row) -%}
(not {{ is_variant(row ~ '.review_month') }} and {{ row }}.review_month < (
    select min(run_.review_month) from {{ ref('int_month') }} as run_ where not {{ is_variant('run_.review_month') }}))
{%- endmacro %}

{# Number of a key's month, so that months can be counted. #}
{% macro month_number(review_month) -%}(cast(substr({{ review_month }}, 1, 4) as integer) * 12
    + cast(substr({{ review_month }}, 6, 2) as integer)){%- endmacro %}

{# The drops that rules look at, per month: months_back 0 = drop(M), 1 = drop(M-1), 3 = drop(M-3); drop_month: which. #}
{% macro drops_looked_at() -%}
select review_month, 0 as months_back, drop_month from {{ ref('int_month') }}
    union all
    select review_month, 1, prev_month from {{ ref('int_month') }}
    union all
    select review_month, 3, month_minus_3 from {{ ref('int_month') }}
{%- endmacro %}

{# Pairs of a key and a drop that it sees: event rows count up to the drop named by horizon. Joined by equality of the
   drop; a join on `<=` alone would pass every row once for each month, or sort millions of them. #}
{% macro drops_seen() -%}
(
    select distinct asked.review_month, asked.horizon, file.drop
    from {{ source('raw', 'run_month') }} as asked
    inner join {{ source('raw', 'file_register') }} as file on file.drop <= asked.horizon
)
{%- endmacro %}

{# Whether no later file up to the horizon beats a row of use, or the rows of a set of them. seen: a row of
   drops_seen. #}
{% macro is_unbeaten(until, seen) -%}({{ until }} is null or {{ until }} > {{ seen }}.horizon){%- endmacro %}

{# First day of a review month (or of a variant of it): what BI tools put on an axis of time. #}
{% macro month_begin(review_month) -%}cast({{ drop_month(review_month) }} || '-01' as date){%- endmacro %}
