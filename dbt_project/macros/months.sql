{# A month's key (review_month) is the month, or for a variant of it (the same month asked with other facts;
   docs/architecture.md) the month, '~' and
   the variant: for an earlier version the drop up to which event rows count. #}

{# The month of a key. #}
{% macro drop_month(review_month) -%}substr({{ review_month }}, 1, 7){%- endmacro %}

{# Whether a key is that of a variant. #}
{% macro is_variant(review_month) -%}(length({{ review_month }}) > 7){%- endmacro %}

{# What a key carries behind the month; empty for the month itself. #}
{% macro variant_of(review_month) -%}substr({{ review_month }}, 9){%- endmacro %}

{# Number of a key's month, so that months can be counted. #}
{% macro month_number(review_month) -%}(cast(substr({{ review_month }}, 1, 4) as integer) * 12
    + cast(substr({{ review_month }}, 6, 2) as integer)){%- endmacro %}
