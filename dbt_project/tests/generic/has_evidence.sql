{# Every row names at least one row of a file; shows those that do not. #}
{% test has_evidence(model, column_name) %}
select * from {{ model }}
where coalesce({{ column_name }}, '') = ''
{% endtest %}
