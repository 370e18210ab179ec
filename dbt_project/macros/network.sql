{# Licence servers. #}

{# What a feature code is by its own text, where the published list does not have it. feature: folded. #}
{% macro kind_of_code(feature) -%}
case
            when {{ matches(feature, '^[0-9]{5}.+_t_f$') }} then 'term_package'
            when {{ matches(feature, '^[0-9]{5}.+_[0-9]{1,4}[a-z]*_[0-9]f$') }} then 'component'
            when {{ matches(feature, '^[0-9]{5}.+_f$') }} then 'package'
            else 'other'
        end
{%- endmacro %}

{# A server's name without its domain, lower case: the log, the licence file and the status write it differently. #}
{% macro short_server(server) -%}split_part({{ lower_case('coalesce(' ~ server ~ ", '')") }}, '.', 1){%- endmacro %}
