-- LRT-08: telemetry and the company's SAM tool know different persons. Grain: offering.
with found as (
    select
        d.review_month, d.offering_key,
        cast(d.only_lrt + d.only_sam as double) / nullif(d.either, 0) as observed,
        {{ param_for('LRT-08', 'share', 'd', 'd.offering_key') }} as threshold, d.only_lrt + d.only_sam as excess,
        'medium' as severity, 'reconcile' as recommended_action,
        d.evidence, d.only_lrt + d.only_sam as evidence_count,
        {{ counted('d.only_lrt', 'person') }} || ' only in the telemetry and ' || {{ counted('d.only_sam', 'person') }}
            || ' only in the SAM tool, of ' || d.either || ' in either.' as detail
    from {{ ref('int_lrt_sam') }} as d
    where d.only_lrt + d.only_sam > {{ param_for('LRT-08', 'share', 'd', 'd.offering_key') }} * d.either
)
select {{ finding('LRT-08', ['offering_key', 'excess', 'evidence_count']) }}
from found
