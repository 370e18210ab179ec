{# How a model is written on DuckDB, in place of the adapter's materializations: by one statement. The adapter builds
   beside the table and renames, with ten statements a model, for engines in which a half-built table could be seen;
   here nothing is seen before the statement is done. What a model of few rows costs is dbt's own Python, so the model
   asks for no more of it than it needs: no transaction around one statement without hooks, no second copy of the
   statement on disk. Hooks of both kinds, persist_docs and contracts are those of the adapter (by test). #}

{# Runs the statement that creates the model, and stores its result, which dbt asks for. #}
{% macro create_by(statement, in_transaction=False) -%}
    {% do adapter.add_query(statement, auto_begin=in_transaction) %}
    {% do store_raw_result('main', message='OK', code=none, rows_affected=none) %}
{%- endmacro %}

{# What stands under the name and is of another kind goes first: `create or replace` does not change a view into a
   table. #}
{% macro drop_other_kind(relation) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
{%- endmacro %}

{# The rows of the model; where its contract is enforced they must have its columns and types, and come in its order.
   Types are compared as written, and
   in dbt's way where they differ: it takes twice the statements and words the error. #}
{% macro checked(sql) -%}
    {%- if config.get('contract').enforced -%}
        {%- set found = {} -%}
        {%- for column in adapter.get_column_schema_from_query(sql)
            -%}{%- do found.update({column.name: column.dtype | lower}) -%}{%- endfor -%}
        {%- set declared = {} -%}
        {%- for column in model['columns'].values()
            -%}{%- do declared.update({column['name']: column['data_type'] | lower}) -%}{%- endfor -%}
        {%- if found != declared or not declared -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
        {{ get_select_subquery(sql) }}
    {%- else -%}
        {{ sql }}
    {%- endif -%}
{%- endmacro %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_other_kind(target_relation) %}
    {% if model['language'] == 'python' %}
        {% do run_query('drop table if exists ' ~ target_relation) %}
        {% call statement('main', language='python') -%}
            {{ create_table_as(False, target_relation, compiled_code, 'python') }}
        {%- endcall %}
    {% else %}
        {% do create_by('create or replace table ' ~ target_relation ~ ' as (' ~ checked(sql) ~ ')') %}
    {% endif %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# A table made of a union whose parts are written one after the other, so that only one of them is in memory. Parts
   end in a line `union all -- next part` and
   have the same columns. #}
{% materialization table_by_parts, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_other_kind(target_relation) %}
    {% for part in sql.split('union all -- next part') %}
        {% do create_by(('create or replace table ' ~ target_relation ~ ' as (' if loop.first
            else 'insert into ' ~ target_relation ~ ' by name (') ~ checked(part) ~ ')') %}
    {% endfor %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_other_kind(target_relation) %}
    {% do create_by('create or replace view ' ~ target_relation ~ ' as (' ~ checked(sql) ~ ')') %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Append, after the pre-hook emptied the months, in one transaction. Names are matched and not places; a table of
   other columns is an error, as with
   on_schema_change: fail. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if existing is none or not existing.is_table or should_full_refresh() %}
        {% do drop_other_kind(target_relation) %}
        {% do create_by('create or replace table ' ~ target_relation ~ ' as (' ~ checked(sql) ~ ')') %}
    {% else %}
        {%- set names = adapter.get_columns_in_relation(existing) | map(attribute='quoted') | join(', ') -%}
        {% do create_by('insert into ' ~ target_relation ~ ' (' ~ names ~ ') select ' ~ names ~ ' from (' ~ checked(sql)
            ~ ')', in_transaction=True) %}
    {% endif %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
