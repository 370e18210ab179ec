-- ENT-09: more devices with a release that only perpetual licences cover than those licences have seats. Grain:
-- offering.
select
    {{ finding(
        'ENT-09', observed='p.devices', threshold='p.seats', review_month='p.review_month', offering='p.offering_key',
            severity="'critical'",
        recommended_action="'uninstall_or_buy'", evidence='p.evidence', evidence_count='p.install_rows',
        detail=counted('p.devices', 'device') ~ " || case when p.devices = 1 then ' has' else ' have' end
            || ' a release' || coalesce(' up to ' || p.release, '') || ' installed, the perpetual licences have ' || "
            ~ counted('p.seats', 'seat') ~ " || ', and no subscription covers the product.'"
    ) }}
from {{ ref('int_perpetual_install') }} as p
where not p.is_subscribed and p.devices > p.seats and {{ concluded('ENT-09', 'p') }}
