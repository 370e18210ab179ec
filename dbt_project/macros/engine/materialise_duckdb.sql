{# How a model is written on DuckDB, in place of the adapter's ways: one statement in the model's transaction. The adapter builds beside and renames, with ten
   statements a model, for engines where a half-built table could be seen; here nothing is seen before the commit. #}

{# What stands under the name and is of another kind goes first: `create or replace` does not change a view into a table. #}
{% macro drop_other_kind(relation) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
{%- endmacro %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_other_kind(target_relation) %}
    {% if model['language'] == 'python' %}
        {% do run_query('drop table if exists ' ~ target_relation) %}
        {% call statement('main', language='python') -%}
            {{ create_table_as(False, target_relation, compiled_code, 'python') }}
        {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            {% if config.get('contract').enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
            create or replace table {{ target_relation }} as ({{ get_select_subquery(sql) if config.get('contract').enforced else sql }})
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_other_kind(target_relation) %}
    {% call statement('main') -%}
        create or replace view {{ target_relation }} as ({{ sql }})
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Append; the pre-hook emptied the months. Names are matched and not places; a table of other columns is an error, as with on_schema_change: fail. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {% if existing is none or not existing.is_table or should_full_refresh() %}
            {% do drop_other_kind(target_relation) %}
            {% if should_full_refresh() %}drop table if exists {{ target_relation }};{% endif %}
            {{ create_table_as(False, target_relation, sql) }}
        {% else %}
            {%- if config.get('contract').enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
            {%- set names = adapter.get_columns_in_relation(existing) | map(attribute='quoted') | join(', ') -%}
            insert into {{ target_relation }} ({{ names }}) select {{ names }} from ({{ sql }})
        {% endif %}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
