{# How a model is written on Spark, in place of the adapter's materializations: Parquet, by one statement. A model that
   is kept over runs has a partition for each month. Hooks of both kinds are those of dbt; persist_docs and constraints
   are not carried out. #}

{# The rows of the model; where its contract is enforced, with its columns and types. A column that the model has and
   the contract does not have is an error on DuckDB alone. #}
{% macro spark_rows(sql) -%}
    {%- if config.get('contract').enforced -%}
        select
        {%- for column in model['columns'].values() %}
            cast(`{{ column['name'] }}` as {{ column['data_type'] | replace('varchar', 'string') }}) as `{{
            column['name'] }}`{{ ',' if not loop.last }}
        {%- endfor %}
        from ({{ sql }})
    {%- else -%}
        {{ sql }}
    {%- endif -%}
{%- endmacro %}

{% materialization view, adapter='spark' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% do drop_other_kind(target_relation) %}
    {% call statement('main') -%}
        create or replace view {{ target_relation }} as {{ sql }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# A Python model is run where dbt runs (pipelines/spark/driver.py), which writes its table. #}
{% materialization table, adapter='spark', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {% if model['language'] == 'python' %}
        {% call statement('main', language='python') -%}
            {{ compiled_code }}
        {%- endcall %}
    {% else %}
        {%- set stages = made_before(sql, target_relation | string) -%}
        {% for table, query in stages[:-1] %}
            {% do run_query('drop table if exists ' ~ table) %}
            {% do run_query('create table ' ~ table ~ ' using parquet as ' ~ query) %}
        {% endfor %}
        {% call statement('main') -%}
            create table {{ target_relation }} using parquet as {{ spark_rows(stages[-1][1]) }}
        {%- endcall %}
        {% for table, _ in stages[:-1] %}{% do run_query('drop table ' ~ table) %}{% endfor %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The parts of a union one after the other, as on DuckDB. #}
{% materialization table_by_parts, adapter='spark' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {% for part in sql.split('union all -- next part') %}
        {% call statement('main') -%}
            {{ 'create table ' ~ target_relation ~ ' using parquet as' if loop.first
                else 'insert into ' ~ target_relation ~ ' by name' }} {{ part }}
        {%- endcall %}
    {% endfor %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Append, after the pre-hook emptied the months. #}
{% materialization incremental, adapter='spark' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set existing = load_cached_relation(this) -%}
    {% if existing is none or not existing.is_table or should_full_refresh() %}
        {%- if existing is not none -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
        {% call statement('main') -%}
            create table {{ target_relation }} using parquet partitioned by (review_month) as {{ spark_rows(sql) }}
        {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            insert into {{ target_relation }} by name {{ spark_rows(sql) }}
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
