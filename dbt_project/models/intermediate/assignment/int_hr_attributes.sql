-- Grain: HR record in force, in months in which a group is too broad: the attributes as HR wrote them, which is what a
-- predicate sees.
select
    r.review_month, h.department, h.legal_entity, h.cost_centre, h.country, h.worker_type, h.manager_id, h.status,
        h.employee_id
from {{ ref('int_hr_record') }} as r
inner join {{ ref('stg_outside__hr_workers') }} as h using (review_month, src)
where r.in_force and exists (select 1 from {{ ref('int_group_excess') }} as g where g.review_month = r.review_month)
