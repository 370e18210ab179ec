{# The person of a row: e-mail through person_aliases, else the hash's only person, else 'hash:' || hash. `row` is the row's alias. The joins
   of person_joins must stand in the from clause. #}
{% macro person_key(row, email='email', hash=none) -%}
coalesce(alias_.email, {{ row }}.{{ email }}{% if hash %}, hash_.person_key, 'hash:' || {{ row }}.{{ hash }}{% endif %})
{%- endmacro %}

{% macro person_joins(row, email='email', hash=none) -%}
left join {{ source('reference', 'person_aliases') }} as alias_ on alias_.review_month = {{ row }}.review_month and alias_.alias_email = {{ row }}.{{ email }}
{%- if hash %}
left join {{ ref('int_person_hash') }} as hash_ on hash_.review_month = {{ row }}.review_month and hash_.hash = {{ row }}.{{ hash }} and {{ row }}.{{ email }} is null
{%- endif %}
{%- endmacro %}

{# The same person in one join, for event rows by the million: several left joins one after the other make DuckDB expect no rows and build its tables on the wrong side. #}
{% macro named_person(row, email='email', hash='hashed_autodesk_id') -%}
coalesce(said_.person_key, {{ row }}.{{ email }}, 'hash:' || {{ row }}.{{ hash }})
{%- endmacro %}

{% macro named_person_join(row, email='email', hash='hashed_autodesk_id') -%}
left join {{ ref('int_person_said') }} as said_ on said_.review_month = {{ row }}.review_month and said_.said = coalesce({{ row }}.{{ email }}, 'hash:' || {{ row }}.{{ hash }})
{%- endmacro %}

{# Whether a folded portal role administers: contract_manager, or a word beginning with admin and none of non, not. #}
{% macro is_admin_role(role) -%}
coalesce({{ role }} = 'contract_manager' or ({{ matches(role, "(^|_)admin") }} and not {{ matches(role, "(^|_)(non|not)(_|$)") }}), false)
{%- endmacro %}
