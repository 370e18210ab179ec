-- Grain: review month whose drop holds hr_workers: does the list hold active workers only? Then who is not in it is not
-- known to have left. Its manifest says `scope: active`, or no record of 100 or more is ended. Source of the 100:
-- definition of this project, docs/exporting.md.
with list as (
    select h.review_month, count(*) as records, count(*) filter (where h.is_ended) as ended_records
    from {{ ref('int_hr_record') }} as h
    group by h.review_month
),
declared as (
    select m.review_month, bool_or(instr(coalesce(f.manifest, ''), '"scope": "active"') > 0) as is_declared
    from {{ ref('int_month') }} as m
    inner join {{ source('raw', 'file_register') }} as f on f.drop = m.drop_month and f.input = 'hr_workers'
        and f.verdict = 'loaded'
    group by m.review_month
)
select d.review_month, coalesce(l.records, 0) as records, d.is_declared
    or coalesce(l.records >= 100 and l.ended_records = 0, false) as is_active_only
from declared as d
left join list as l using (review_month)
