{# Queries of common table expressions as tables, on Spark, which plans such a query again in every place that reads it,
   and makes it there. #}

{# A line `-- made once: a, b` behind the query of a common table expression says that those of `a` and `b`, which stand
   before it, are made once; what stands behind it reads of those before it none but such. Returns (table, query) of
   each in order, of `<relation>__a` and so on, and the model itself last. Without such a line that is all. #}
{% macro made_before(sql, relation) -%}
{%- set parts, stages, names = sql.split('-- made once: '), [], [] -%}
{%- set state = namespace(text=parts[0]) -%}
{%- for part in parts[1:] -%}
    {%- set words, rest = part.split('\n', 1) -%}
    {%- for name in words.strip().split(', ') -%}
        {%- do stages.append([relation ~ '__' ~ name, state.text.rstrip().rstrip(',') ~ '\nselect * from ' ~ name]) -%}
    {%- endfor -%}
    {%- do names.extend(words.strip().split(', ')) -%}
    {%- set made = [] -%}
    {%- for name in names -%}
        {%- do made.append(name ~ ' as (select * from ' ~ relation ~ '__' ~ name ~ '),') -%}
    {%- endfor -%}
    {%- set state.text = 'with ' ~ made | join('\n') ~ '\n' ~ rest -%}
{%- endfor -%}
{%- do stages.append([relation, state.text]) -%}
{{ return(stages) }}
{%- endmacro %}
