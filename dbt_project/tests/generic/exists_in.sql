{# A value of the column is there in the other model in the same month; shows the month and the value. As dbt's
   `relationships`, which knows no months. #}
{% test exists_in(model, column_name, to, field) %}
select distinct child.review_month, child.{{ column_name }}
from {{ model }} as child
left join {{ to }} as parent
    on parent.review_month = child.review_month and parent.{{ field }} = child.{{ column_name }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endtest %}
