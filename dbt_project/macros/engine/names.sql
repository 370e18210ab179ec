{# Names of columns, and columns by name: what differs between engines. #}

{# A column whose name is not lower case, as a standard of others has it. #}
{% macro cased(name) -%}{{ return(adapter.dispatch('cased', 'selfaudit')(name)) }}{%- endmacro %}

{# After `*`: all columns but these, separated by commas. #}
{% macro all_but(columns) -%}{{ return(adapter.dispatch('all_but', 'selfaudit')(columns)) }}{%- endmacro %}
