-- ENT-09: more devices with a release that only perpetual licences cover than those licences have seats. Grain:
-- offering.
with found as (
    select
        p.review_month, p.offering_key,
        p.devices as observed, p.seats as threshold, 'critical' as severity,
        'uninstall_or_buy' as recommended_action, p.evidence, p.install_rows as evidence_count,
        {{ counted('p.devices', 'device') }} || case when p.devices = 1 then ' has' else ' have' end
            || ' a release' || coalesce(' up to ' || p.release, '') || ' installed, the perpetual licences have '
            || {{ counted('p.seats', 'seat') }} || ', and no subscription covers the product.' as detail
    from {{ ref('int_perpetual_install') }} as p
    where not p.is_subscribed and p.devices > p.seats and {{ concluded('ENT-09', 'p') }}
)
select {{ finding('ENT-09', ['offering_key', 'evidence_count']) }}
from found
