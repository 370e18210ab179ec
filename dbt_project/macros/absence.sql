{# Conditions of the rules: whether a row that is missing could have been there. `alias` carries review_month. Which
   input each conclusion rests on is data: seeds/rule_absences.csv. #}

{# Whether the rule (or the named part of it) concludes anything in the month. #}
{% macro concluded(rule, alias, part='') -%}
not exists (select 1 from {{ ref('int_inconclusive') }} as inconclusive_
    where inconclusive_.review_month = {{ alias }}.review_month and inconclusive_.rule_id = '{{ rule }}'
    and inconclusive_.part = '{{ part }}')
{%- endmacro %}

{# The same of one person: and no row of the input that is about the person was rejected. #}
{% macro concluded_of(rule, alias, part='', person='person_key') -%}
({{ concluded(rule, alias, part) }}
    and not exists (select 1 from {{ ref('int_inconclusive_person') }} as inconclusive_
        where inconclusive_.review_month = {{ alias }}.review_month and inconclusive_.rule_id = '{{ rule }}'
        and inconclusive_.part = '{{ part }}' and inconclusive_.person_key = {{ alias }}.{{ person }}))
{%- endmacro %}

{# Whether it is known who uses what: use is not stale, and no input of use of the drop is a part. `clock` is
   int_clock. #}
{% macro use_is_known(clock) -%}
(not {{ clock }}.is_stale and {{ concluded('USE-01', clock) }})
{%- endmacro %}

{# Whether the row of a state input of drop(M) that `alias` stands for has a cell in the column that could not be read:
   it is null, and something was there. #}
{% macro is_unread(column, alias, src='src') -%}
exists (
    select 1 from {{ ref('int_unread_row') }} as unread_
    where unread_.review_month = {{ alias }}.review_month and unread_.src = {{ alias }}.{{ src }}
        and unread_.column_name = '{{ column }}')
{%- endmacro %}

{# Per review month: whether drop(M) holds A, and subscriptions. What is missing is not known, and never zero. #}
{% macro given_inputs() -%}
select
    review_month,
    bool_or(input in ('usage_report', 'users') and in_drop) as has_a,
    bool_or(input = 'subscriptions' and in_drop) as has_subscriptions
from {{ ref('int_input_present') }}
group by review_month
{%- endmacro %}
