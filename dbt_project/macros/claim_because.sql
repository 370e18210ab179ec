{# Why a line of the claims is answered as it is: the first reason that applies, in this order, which is the rule
   (docs/decisions/0035). It reads what is known of the line by its names in the CTE `faced` of claim_answers. #}
{% macro claim_because() -%}
case
    when duplicate_of is not null then 'duplicate'
    when subject = 'nothing' then 'names_nothing'
    when not is_mapped then 'unknown_product'
    when not is_period_read then 'period_not_read'
    when period_from > as_of then 'after_the_month'
    when subject = 'person' then case
        when person_found = 'several' then 'several_persons'
        when person_found = 'nobody' and person_key is null then 'unknown_person'
        when is_foreign and any_days = 0 and seat_rows = 0 and own_rows = 0 then
            case when has_people then 'another_company' else 'nobody_to_compare' end
        when serial_key is not null and is_perpetual_covered then 'own_serial'
        when is_bare and are_seats_whole then 'used_without_right'
        when is_bare then 'seats_not_whole'
        when doubtful_rows > 0 then 'coverage_not_known'
        when unseen_rows > 0 then 'seats_of_those_days'
        when any_days > 0 then 'used_with_right'
        when seat_rows > 0 then 'seat'
        when own_rows > 0 then 'own_cover'
        when network_rows > 0 then 'network'
        when is_use_whole then 'no_use'
        else 'use_not_known' end
    when subject = 'device' then case
        when is_perpetual_covered and serial_key is not null then 'own_serial'
        when is_perpetual_covered then 'perpetual'
        when network_rows > 0 then 'network'
        when is_bare and are_seats_whole then 'used_without_right'
        when is_bare then 'seats_not_whole'
        when doubtful_rows > 0 then 'coverage_not_known'
        when unseen_rows > 0 then 'seats_of_those_days'
        when any_days > 0 then 'used_with_right'
        when installs > 0 and seat_rows > 0 then 'installed_for_holder'
        when installs > 0 and own_rows > 0 then 'own_cover'
        when installs > 0 and doubtful_installs > 0 then 'coverage_not_known'
        when installs > 0 and is_network_offering then 'network_may_cover'
        when installs > 0 and not is_register_whole then 'register_not_whole'
        when installs > 0 and serial_key is not null and covering_seats > 0 then 'serial_differs'
        when installs > 0 and install_persons > 0 and are_seats_whole then 'installed_without_right'
        when installs > 0 and install_persons > 0 then 'seats_not_whole'
        when installs > 0 and not may_be_bought and has_subscriptions and are_subscriptions_whole
            then 'installed_without_right'
        when installs > 0 then 'user_not_known'
        when inventory_month is null then 'inventory_not_whole'
        when other_releases > 0 then 'other_release'
        when devices_met = 0 then 'devices_do_not_meet'
        else 'not_installed' end
    when subject = 'serial' then case
        when is_perpetual_covered then 'own_serial'
        when perpetual_rows > 0 then 'serial_used_up'
        when is_serial_registered then 'serial_of_another'
        when is_register_whole then 'serial_not_ours'
        else 'register_not_whole' end
    when coalesce(is_counted, false) = false then 'month_not_counted'
    when not is_entitled_known then 'entitlement_not_known'
    when quantity <= our_right then 'within_entitlement'
    when not has_subscriptions or not are_subscriptions_whole then 'entitlement_not_known'
    when our_count > our_right then 'over_entitlement'
    when coalesce(is_count_whole, are_seats_whole and has_use) and coverage_not_known = 0
        and are_seats_whole then 'count_differs'
    else 'count_not_whole'
end
{%- endmacro %}

{# The answer that a reason gives. #}
{% macro claim_answer(because) -%}
case
    when {{ because }} in ('duplicate', 'another_company') then 'out_of_scope'
    when {{ because }} in ('used_without_right', 'installed_without_right', 'over_entitlement') then 'accepted'
    when {{ because }} in ('own_serial', 'used_with_right', 'seat', 'own_cover', 'network', 'no_use', 'perpetual',
        'installed_for_holder', 'other_release', 'not_installed', 'within_entitlement', 'count_differs')
        then 'contested'
    else 'not_provable'
end
{%- endmacro %}
