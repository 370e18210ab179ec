{# Precedence among files: of the rows with one natural key those of the file with the greatest file_rank win, as the CTE `winning`. `relation` holds every row
   with file_rank and key_hash (row_hash of the key). Only rows whose number occurs in several files are compared key by key: comparing all costs ten times as much,
   and chance can only bring too many rows to the comparison, never change its end. #}
{% macro rows_of_winning_file(relation, key) -%}
several as (
    select key_hash as several_hash from {{ relation }} group by key_hash having min(file_rank) <> max(file_rank)
),
compared as (
    select k.*
    from {{ relation }} as k
    inner join several as s on s.several_hash = k.key_hash
    qualify k.file_rank = max(k.file_rank) over (partition by {{ key | join(', ') }})
),
winning as (
    select k.* from {{ relation }} as k left join several as s on s.several_hash = k.key_hash where s.several_hash is null
    union all
    select * from compared
)
{%- endmacro %}
