-- Grain: (rule, team, offering, person): what the rules of the de-provisioning list find, whether or not they could
-- run, for a rule that stands on them. Written rule by rule, as int_finding_row is: together they hold too much memory.
{{ config(materialized='table_by_parts') }}
{% for model in ['use_01_inactive_seat', 'use_02_never_used', 'use_07_collection_and_member', 'use_08_two_teams',
    'idn_01_ghost', 'idn_11_invitation_never_accepted', 'con_01_past_end', 'con_02_unregistered_outsider',
    'con_04_generic_account'] %}
select distinct review_month, rule_id, team_alias, offering_key, person_key from {{ ref(model) }}
{% if not loop.last %}union all -- next part{% endif %}
{% endfor %}
