{# Every rule view. A rule that is not in this list has no findings: a test compares it with the folder and with the
   catalogue. #}
{% macro rule_models() -%}
{{ return([
    'ent_01_over_assignment', 'ent_02_unassigned_stock', 'ent_03_three_way_mismatch', 'ent_04_assigned_after_expiry',
        'ent_05_expiry_cliff', 'ent_07_true_up',
    'ent_09_perpetual_over_installed', 'ent_10_network_peak', 'ent_12_unmapped_name', 'ent_13_trial_or_education',
        'ent_14_coverage_not_known', 'ent_15_portal_count_differs',
    'use_01_inactive_seat', 'use_02_never_used', 'use_03_seat_to_flex', 'use_04_flex_to_seat',
        'use_05_members_to_collection', 'use_06_collection_to_single', 'use_07_collection_and_member',
        'use_08_two_teams', 'use_10_give_seat',
    'idn_01_ghost', 'idn_02_use_after_leaving', 'idn_03_slow_deprovisioning', 'idn_04_over_broad_group',
        'idn_05_group_creep', 'idn_06_idle_group', 'idn_07_several_routes', 'idn_09_unknown_domain',
    'idn_10_sso_without_sync', 'idn_11_invitation_never_accepted', 'idn_12_sync_failed',
    'adm_01_too_many_admins', 'adm_02_dormant_admin', 'adm_03_admin_is_a_ghost', 'adm_04_admin_from_unknown_domain',
        'adm_05_roster_difference', 'adm_06_new_role', 'adm_07_no_second_admin',
    'cal_01_overdue_review',
    'con_01_past_end', 'con_02_unregistered_outsider', 'con_03_seen_only_in_lrt', 'con_04_generic_account',
    'flx_01_exhaustion', 'flx_02_tokens_expiring', 'flx_03_low_balance', 'flx_04_ledger_difference', 'flx_05_off_rate',
    'flx_06_tokens_despite_seat', 'flx_08_burst', 'flx_09_concentration', 'flx_10_ai_share',
    'lrt_01_version_above_right', 'lrt_02_version_too_old', 'lrt_03_feature_without_right', 'lrt_04_many_devices',
        'lrt_05_two_devices_at_once',
    'lrt_07_use_without_right', 'lrt_08_lrt_against_sam', 'lrt_09_late_telemetry', 'lrt_10_outside_territory',
        'lrt_14_ai_feature',
    'hub_01_ghost_in_hub', 'hub_02_too_many_hub_admins', 'hub_03_access_without_seat', 'hub_04_invitation_pending',
        'hub_05_unassigned_but_member',
]) }}
{%- endmacro %}
