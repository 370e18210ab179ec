{# Why a line of the claims is answered as it is, and what would settle it: one sentence for each reason of
   claim_answers. `row` carries the reason (because) and the numbers. #}

{% macro claim_reason(row) -%}
case {{ row }}.because
    when 'duplicate' then 'Says the same as line ' || {{ row }}.duplicate_of || ', which is answered.'
    when 'names_nothing' then 'Names no person, device, serial number or quantity.'
    when 'unknown_product' then 'The product is not known under this name.'
    when 'period_not_read' then 'The period could not be read, or ends before it begins.'
    when 'after_the_month' then 'The period begins after ' || {{ row }}.as_of || ', the last day that is looked at.'
    when 'several_persons' then 'More than one person goes by this name.'
    when 'unknown_person' then 'Nobody of this name is in the directory, HR or the portal.'
    when 'another_company' then 'The address is of no domain of the company, and nobody in its lists or in what '
        || 'was used has it.'
    when 'nobody_to_compare' then 'The address is of no domain of the company, but neither directory nor HR is '
        || 'there to say whose it is.'
    when 'own_serial' then 'The serial number is that of a licence of the company, for this product and release.'
    when 'perpetual' then 'A perpetual licence of the company covers the product and release on this device.'
    when 'serial_used_up' then 'The licence with this serial number has '
        || {{ counted(row ~ '.perpetual_seats', 'seat') }} || ', and other lines take them up.'
    when 'serial_of_another' then 'The serial number is that of a licence of the company for another product or an '
        || 'older release, and the line names neither a person nor a device.'
    when 'serial_not_ours' then 'The serial number is not in the register of licences, and the line names neither '
        || 'a person nor a device.'
    -- Days that a perpetual licence covers are without a right once its seats are taken up.
    when 'used_without_right' then 'Used on '
        || case when {{ row }}.bare_days > 0 then {{ counted(row ~ '.bare_days', 'day') }}
            else {{ counted(row ~ '.use_days', 'day') }} end || ' of the period'
        || case when {{ row }}.first_bare_day = {{ row }}.last_bare_day then ', on ' || {{ row }}.first_bare_day || ','
            else coalesce(', from ' || {{ row }}.first_bare_day || ' to ' || {{ row }}.last_bare_day || ',', '') end
        || ' without a seat, tokens or another right.'
    when 'installed_without_right' then case
        when {{ row }}.install_persons > 0 then 'Installed on the device, and the person to whom it belongs '
            || 'holds no right to the product.'
        else 'Installed on the device, and the company holds no right to the product.' end
    when 'seats_not_whole' then 'There is use, but the list of seats is not whole: a seat may stand in what is '
        || 'missing.'
    when 'seats_of_those_days' then 'There is use, but no list of seats tells of those days.'
    when 'coverage_not_known' then 'There is use, and a collection that the person holds may contain the product: '
        || 'its list of products is not complete.'
    when 'used_with_right' then 'Used on ' || {{ counted(row ~ '.any_days', 'day') }} || ' of the period, each covered'
        || coalesce(' by ' || {{ row }}.covered, '') || '.'
    when 'seat' then 'The person holds a seat that gives the right; no use is recorded in the period.'
    when 'own_cover' then 'The person is a contractor who brings own licences, as registered.'
    when 'network' then 'The licence server gave out a licence for it in the period, within the number issued.'
    when 'no_use' then 'No use is recorded, and the records of the period are whole.'
    when 'use_not_known' then case
        when not {{ row }}.has_use then 'No use is recorded, but neither telemetry nor usage was handed in.'
        when {{ row }}.hides_people then 'No use is recorded under this name, but a team hides who uses what.'
        when {{ row }}.d0 > {{ row }}.period_from
            then 'No use is recorded, but records begin on ' || {{ row }}.d0 || '.'
        when {{ row }}.period_to > {{ row }}.cutoff
            then 'No use is recorded so far; records up to ' || {{ row }}.cutoff || ' are settled.'
        else 'No use is recorded, but the records are not whole.' end
    when 'installed_for_holder' then 'Installed on a device of a person who holds the right to use it.'
    when 'user_not_known' then 'Installed on the device, but who uses it is not known, and the right goes with the '
        || 'person.'
    when 'serial_differs' then 'Installed on the device; licences of the company cover the release, but none has '
        || 'this serial number.'
    when 'network_may_cover' then 'Installed on the device; the licence server serves the product, and its log has '
        || 'no check-out of the device in the period.'
    when 'register_not_whole' then 'A perpetual licence may cover it, but the register of licences is '
        || case when {{ row }}.has_register then 'not whole.' else 'missing.' end
    when 'inventory_not_whole' then 'It is not seen on the device, but no whole inventory of a month of the period '
        || 'is there.'
    when 'other_release' then 'The device has release ' || {{ row }}.other_release || ' of the product, not the one '
        || 'named.'
    when 'devices_do_not_meet' then 'No device of the claims is in the inventory: the two name devices differently.'
    when 'not_installed' then 'The inventory of ' || {{ row }}.inventory_month
        || ' is whole and does not have the product on the device.'
    when 'month_not_counted' then 'The month in which the period ends was not reviewed.'
    when 'entitlement_not_known' then 'How much was bought is not known: subscriptions are missing or not whole.'
    when 'within_entitlement' then 'The quantity is within the ' || {{ row }}.our_right || ' that were bought.'
    when 'over_entitlement' then 'We count ' || {{ row }}.our_count || ' and ' || {{ row }}.our_right
        || ' were bought: ' || {{ row }}.short_by || ' of the ' || {{ row }}.quantity || ' claimed are accepted.'
    when 'count_differs' then 'We count ' || {{ row }}.our_count || ', within the ' || {{ row }}.our_right
        || ' that were bought.'
    else 'Our own count is not whole: more persons may have used it.'
end
{%- endmacro %}

{% macro claim_to_settle(row) -%}
case {{ row }}.because
    when 'names_nothing' then 'Ask the claimant for a person, device or serial number.'
    when 'unknown_product' then 'Add the name to landing/reference/product_aliases.csv.'
    when 'period_not_read' then 'Write the period as 2026-03, 2026-Q1 or 2026-01-01 to 2026-03-31.'
    when 'after_the_month' then 'Lay the claims into the drop of that month.'
    when 'several_persons' then 'Ask the claimant for the address.'
    when 'unknown_person' then 'Ask the claimant for the address, or add it to person_aliases.'
    when 'nobody_to_compare' then 'Hand in directory_users or hr_workers, whole.'
    when 'serial_used_up' then 'Ask the claimant for the device or the person.'
    when 'serial_of_another' then 'Ask the claimant for the device or the person.'
    when 'serial_not_ours' then 'Ask the claimant for the device or the person.'
    when 'seats_not_whole' then 'Hand in usage_report or users, and token_usage, whole.'
    when 'seats_of_those_days' then 'Hand in the usage report of a month up to a year after those days.'
    when 'coverage_not_known' then 'Complete collection_members and say so in collection_coverage.'
    when 'use_not_known' then 'Hand in telemetry and usage of the period, whole.'
    when 'user_not_known' then 'Find out who uses the device; add user_email to the inventory.'
    when 'serial_differs' then 'Read the serial number on the device.'
    when 'network_may_cover' then 'Hand in the log of the licence server for the period.'
    when 'register_not_whole' then 'Hand in perpetual_licences, whole.'
    when 'inventory_not_whole' then 'Hand in device_inventory of a month of the period, whole.'
    when 'devices_do_not_meet' then 'Give the inventory the names of devices that the claims use.'
    when 'month_not_counted' then 'Review that month.'
    when 'entitlement_not_known' then 'Hand in subscriptions, whole.'
    when 'count_not_whole' then 'Hand in telemetry and usage_report, whole.'
end
{%- endmacro %}

{# Whether an answer may be shared, shared after counsel released it, or stays inside. #}
{% macro claim_marking(answer) -%}
case {{ answer }} when 'contested' then 'share' when 'out_of_scope' then 'share' when 'accepted' then 'limit'
    else 'withhold' end
{%- endmacro %}

{# What only the company's own reviewers are told. #}
{% macro claim_internal_note(row) -%}
case when {{ row }}.answer = 'contested' and {{ row }}.subject in ('person', 'device') and {{ row }}.gap_org > 0
    then 'The offering is ' || {{ row }}.gap_org || ' seats over entitlement in all teams; the answer stands for this '
        || 'line alone.'
    when {{ row }}.answer = 'accepted' then 'Accepting is an admission: have counsel see it first.' end
{%- endmacro %}
