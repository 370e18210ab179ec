-- ENT-10: more check-outs of a network licence at once than are issued, or many denials in the month. Grain: feature
-- code (scope), offering where it has one.
with judged as (
    select f.*,
        coalesce(f.has_licence and not f.is_uncounted and f.peak > f.issued, false) as by_peak,
        f.denials >= {{ param_for('ENT-10', 'denials', 'f', "coalesce(f.offering_key, '')") }} as by_denials,
        {{ param_for('ENT-10', 'denials', 'f', "coalesce(f.offering_key, '')") }} as denial_limit,
        case f.way when 'pairs' then ', counted once per user and host' when 'users' then ', counted once per user'
            when 'hosts' then ', counted once per host' else '' end as counted
    from {{ ref('int_nlm_feature') }} as f
),
found as (
    select
        j.review_month, j.offering_key, j.feature as scope,
        case when j.by_peak then j.peak else j.denials end as observed,
        case when j.by_peak then j.issued else j.denial_limit end as threshold,
        'high' as severity,
        case when j.by_peak then 'check_licence_file' else 'buy_or_free_licences' end as recommended_action,
        case when j.by_peak then j.peak_evidence else j.denial_evidence end as evidence,
        case when j.by_peak then j.peak_evidence_rows else j.denials end as evidence_count,
        j.feature_code || case when j.by_peak
            then ' was out ' || j.peak || ' times at once (first at ' || j.peak_at || j.counted
                || '); the licence file issues ' || j.issued || '.'
            else ' was denied ' || j.denials || ' times.' end
            || case when j.denials > 0 then ' Of ' || j.denied_attempts || ' denied attempts ' || j.lost_attempts
                || ' were not met by another licence.' else '' end as detail
    from judged as j
    where j.by_peak or j.by_denials
)
select {{ finding('ENT-10', ['offering_key', 'scope', 'evidence_count']) }}
from found
