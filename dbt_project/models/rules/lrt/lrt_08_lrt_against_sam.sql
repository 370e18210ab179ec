-- LRT-08: telemetry and the company's SAM tool know different persons. Grain: offering.
select
    {{ finding(
        'LRT-08', observed='cast(d.only_lrt + d.only_sam as double) / nullif(d.either, 0)',
            threshold=param_for('LRT-08', 'share', 'd', 'd.offering_key'),
        excess='d.only_lrt + d.only_sam', review_month='d.review_month', offering='d.offering_key', severity="'medium'",
            recommended_action="'reconcile'",
        evidence='d.evidence', evidence_count='d.only_lrt + d.only_sam',
        detail=counted("d.only_lrt", "person") ~ " || ' only in the telemetry and ' || "
            ~ counted("d.only_sam", "person") ~ " || ' only in the SAM tool, of ' || d.either || ' in either.'"
    ) }}
from {{ ref('int_lrt_sam') }} as d
where d.only_lrt + d.only_sam > {{ param_for('LRT-08', 'share', 'd', 'd.offering_key') }} * d.either
