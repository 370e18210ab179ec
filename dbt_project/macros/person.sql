{# The person of a row: e-mail through person_aliases, else the hash's only person, else 'hash:' || hash. `row` is
   the row's alias. The join
   of person_joins must stand in the from clause. It is one join also where there is a hash: with several left joins
   one after the other DuckDB expects no rows and builds
   its tables on the side of the event rows, by the million. #}
{% macro person_key(row, email='email', hash=none) -%}
{%- if hash -%}
coalesce(alias_.person_key, {{ row }}.{{ email }}, 'hash:' || {{ row }}.{{ hash }})
{%- else -%}
coalesce(alias_.email, {{ row }}.{{ email }})
{%- endif -%}
{%- endmacro %}

{# How a row names its person: by e-mail, else by `hash:` and its hash. Ingestion calls this `said`. #}
{% macro stated_person(row, email='email', hash=none) -%}
{%- if hash -%}coalesce({{ row }}.{{ email }}, 'hash:' || {{ row }}.{{ hash }})
{%- else -%}{{ row }}.{{ email }}{%- endif -%}
{%- endmacro %}

{% macro person_joins(row, email='email', hash=none) -%}
{%- if hash -%}
left join {{ ref('int_person_alias') }} as alias_ on alias_.review_month = {{ row }}.review_month
    and alias_.said = {{ stated_person(row, email, hash) }}
{%- else -%}
left join {{ source('reference', 'person_aliases') }} as alias_ on alias_.review_month = {{ row }}.review_month
    and alias_.alias_email = {{ row }}.{{ email }}
{%- endif -%}
{%- endmacro %}

{# Whether a folded portal role administers: contract_manager, or a word beginning with admin and none of non, not. #}
{% macro is_admin_role(role) -%}
coalesce({{ role }} = 'contract_manager' or ({{ matches(role, "(^|_)admin") }}
    and not {{ matches(role, "(^|_)(non|not)(_|$)") }}), false)
{%- endmacro %}

{# What a folded admin role may do in the portal, sorted, joined by `;`; null for a role that is not one of the
   portal's. Source: the vendor's page on roles of user management, read 2026-11-29. #}
{% macro admin_role_rights(role) -%}
case
    when {{ role }} = 'contract_manager' then 'contracts'
    when {{ matches(role, "(^|_)(primary|secondary|sso)_admin") }} then 'assign;edit_groups;invite;see_usage'
end
{%- endmacro %}
