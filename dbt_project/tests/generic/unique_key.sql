{# Every key is there once; shows the key and how often. key: list of columns. #}
{% test unique_key(model, key) %}
select {{ key | join(', ') }}, count(*) as times
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
