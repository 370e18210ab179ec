{# Precedence among files: of the rows with one natural key those of the file with the greatest file_rank win, as the
   CTE `winning`. `relation` holds every row with
   file_rank, contested (false: no other file can have its key) and the columns of `key`; `texts` are those of the
   key that are texts. It must not be materialised.
   Rows wide as they are pass through once and are never sorted: a window over 9 million of them needs more memory
   than a run has. What is gathered is a row's key as two
   numbers made from different bytes (128 bits), so that no two keys of an estate meet by chance. #}
{% macro rows_of_winning_file(relation, key, texts) -%}
{%- set other = [] -%}
{%- for column in key %}{% do other.append("'~' || " ~ column if column in texts else column) %}{% endfor -%}
top_file as (
    select {{ row_hash(key) }} as top_hash, {{ row_hash(other) }} as top_check, max(file_rank) as top_rank
    from {{ relation }}
    where contested
    group by 1, 2
),
winning as (
    select * from {{ relation }} where not contested
    union all
    select k.*
    from {{ relation }} as k
    inner join top_file as t on t.top_rank = k.file_rank and t.top_hash = {{ row_hash(key) }}
        and t.top_check = {{ row_hash(other) }}
    where k.contested
)
{%- endmacro %}
