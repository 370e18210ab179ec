{# Thresholds are dated data of reference.rule_parameters. Both macros are scalar sub-queries; the outer row must be
   named `{{ alias }}` and
   carry review_month. param: number as double; param_text: text. A key `<parameter>:<offering_key>` overrides for
   one offering: a rule whose
   key has an offering reads every parameter with param_for or param_text_for (a test holds it so). #}
{% macro param(rule, name, alias) -%}
(select cast(param_.value as double) from {{ ref('int_parameter') }} as param_
    where param_.review_month = {{ alias }}.review_month and param_.rule_id = '{{ rule }}'
    and param_.parameter = '{{ name }}' and param_.offering_key = '')
{%- endmacro %}

{% macro param_text(rule, name, alias) -%}
(select param_.value from {{ ref('int_parameter') }} as param_
    where param_.review_month = {{ alias }}.review_month and param_.rule_id = '{{ rule }}'
    and param_.parameter = '{{ name }}' and param_.offering_key = '')
{%- endmacro %}

{% macro param_text_for(rule, name, alias, offering) -%}
coalesce((select param_.value from {{ ref('int_parameter') }} as param_
    where param_.review_month = {{ alias }}.review_month and param_.rule_id = '{{ rule }}'
    and param_.parameter = '{{ name }}' and param_.offering_key = {{ offering }}), {{ param_text(rule, name, alias) }})
{%- endmacro %}

{# As decimal, for exact comparison by cross multiplication. #}
{% macro param_decimal(rule, name, alias) -%}
(select cast(param_.value as decimal(18,6)) from {{ ref('int_parameter') }} as param_
    where param_.review_month = {{ alias }}.review_month and param_.rule_id = '{{ rule }}'
    and param_.parameter = '{{ name }}' and param_.offering_key = '')
{%- endmacro %}

{# With the override for one offering; `offering` is the outer expression of the offering_key. #}
{% macro param_for(rule, name, alias, offering) -%}
coalesce((select cast(param_.value as decimal(18,6)) from {{ ref('int_parameter') }} as param_
    where param_.review_month = {{ alias }}.review_month and param_.rule_id = '{{ rule }}'
    and param_.parameter = '{{ name }}' and param_.offering_key = {{ offering }}),
    {{ param_decimal(rule, name, alias) }})
{%- endmacro %}
