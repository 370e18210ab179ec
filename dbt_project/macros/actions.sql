{# From findings to actions: which findings ask for the same thing (docs/decisions/0033). #}

{# Per rule: the subject of the action, what the action is if nothing else decides (owe, risk, save, govern), and which
   parts of the finding's key name the subject: T team, O offering, P person, S scope, C the contract in the scope. A
   rule that is not here asks for an action of its own kind, on its whole key. #}
{% macro action_rules() -%}
select * from (
    values
        ('USE-01', 'seat', 'save', 'TOP'), ('USE-02', 'seat', 'save', 'TOP'), ('USE-03', 'seat', 'save', 'TOP'),
        ('USE-06', 'seat', 'save', 'TOP'), ('USE-07', 'seat', 'save', 'TOP'), ('USE-08', 'seat', 'save', 'TOP'),
        ('USE-10', 'seat', 'save', 'TOP'), ('IDN-01', 'seat', 'save', 'TOP'), ('IDN-07', 'seat', 'govern', 'TOP'),
        ('IDN-09', 'seat', 'govern', 'TOP'), ('IDN-11', 'seat', 'save', 'TOP'), ('CON-01', 'seat', 'save', 'TOP'),
        ('CON-02', 'seat', 'govern', 'TOP'), ('CON-04', 'seat', 'govern', 'TOP'),
        ('ENT-01', 'position', 'owe', 'TO'), ('ENT-04', 'position', 'owe', 'TO'), ('ENT-02', 'stock', 'save', 'TO'),
        ('ENT-05', 'cliff', 'risk', 'TO'), ('ENT-07', 'true_up', 'risk', 'OC'), ('ENT-03', 'contract', 'govern', 'OC'),
        ('USE-04', 'to_seat', 'save', 'OP'), ('USE-05', 'to_collection', 'save', 'OP'),
        ('FLX-01', 'pool', 'risk', 'T'), ('FLX-03', 'pool', 'govern', 'T'), ('FLX-02', 'pack', 'govern', 'TS'),
        ('FLX-04', 'balance', 'govern', 'T'), ('FLX-05', 'rate', 'govern', 'T'), ('FLX-06', 'charge', 'govern', 'TOP'),
        ('FLX-08', 'burst', 'govern', 'T'), ('FLX-09', 'burst', 'govern', 'T'), ('FLX-10', 'ai_tokens', 'govern', 'T'),
        ('LRT-03', 'right', 'risk', 'OP'), ('LRT-07', 'right', 'risk', 'OP'), ('CON-03', 'right', 'risk', 'OP'),
        ('LRT-01', 'version', 'risk', 'OP'), ('LRT-02', 'version', 'govern', 'OP'), ('ENT-13', 'claim', 'risk', 'OP'),
        ('LRT-04', 'devices', 'risk', 'P'), ('LRT-05', 'devices', 'risk', 'P'), ('LRT-10', 'territory', 'risk', 'P'),
        ('LRT-08', 'telemetry', 'govern', 'O'), ('LRT-09', 'source', 'govern', 'S'),
        ('LRT-14', 'other', 'govern', 'OPS'),
        ('ENT-09', 'installs', 'risk', 'O'), ('ENT-10', 'network', 'risk', 'OS'), ('ENT-12', 'name', 'govern', 'O'),
        ('ENT-14', 'coverage', 'govern', 'OS'), ('ENT-15', 'access', 'govern', 'TO'),
        ('IDN-02', 'account', 'govern', 'P'),
        ('IDN-03', 'leavers', 'govern', 'S'), ('IDN-04', 'group', 'govern', 'TS'), ('IDN-05', 'group', 'govern', 'TS'),
        ('IDN-06', 'group', 'govern', 'TS'), ('IDN-10', 'sync', 'govern', 'T'), ('IDN-12', 'sync', 'govern', 'T'),
        ('ADM-01', 'administrators', 'govern', 'T'), ('ADM-07', 'administrators', 'govern', 'T'),
        ('ADM-02', 'administrator', 'govern', 'TP'), ('ADM-03', 'administrator', 'govern', 'TP'),
        ('ADM-04', 'administrator', 'govern', 'TP'), ('ADM-05', 'administrator', 'govern', 'TP'),
        ('ADM-06', 'administrator', 'govern', 'TP'), ('HUB-01', 'hub_member', 'govern', 'TPS'),
        ('HUB-02', 'hub', 'govern', 'TS'), ('HUB-03', 'right', 'risk', 'OP'),
        ('HUB-04', 'invitation', 'govern', 'TPS'), ('HUB-05', 'hub_member', 'govern', 'TPS'),
        ('CAL-01', 'review', 'govern', 'S')
) as t (rule_id, subject_type, kind, parts)
{%- endmacro %}

{# The rules of the de-provisioning list. #}
{% macro seat_rules() -%}
('USE-01', 'USE-02', 'USE-07', 'USE-08', 'IDN-01', 'IDN-11', 'CON-01', 'CON-02', 'CON-04')
{%- endmacro %}

{# What is done with a seat of the de-provisioning list: the first that applies. seat: a row of int_assignment;
   asks_review: whether CON-02 or CON-04 is among its rules. Only unassign and edit_group free a seat. #}
{% macro seat_removal(seat, asks_review) -%}
case
    when {{ seat }}.hr_status = 'on_leave' then 'hold'
    when {{ asks_review }} then 'review'
    when {{ seat }}.has_group_route then 'edit_group'
    else 'unassign'
end
{%- endmacro %}

{# Severities as numbers, the worst first, and back. #}
{% macro severity_place(severity) -%}
case {{ severity }} when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5 end
{%- endmacro %}
