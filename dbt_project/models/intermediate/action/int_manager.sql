-- Grain: (review_month, person): the manager by HR, as a person's address, where the manager is in force.
select p.review_month, p.person_key, min(coalesce(m.email_key, m.upn_key)) as manager_key
from {{ ref('int_person') }} as p
inner join {{ ref('stg_outside__hr_workers') }} as h on h.review_month = p.review_month
    and h.employee_id = p.hr_employee_id
inner join {{ ref('int_hr_record') }} as m on m.review_month = h.review_month and m.employee_id = h.manager_id
    and m.in_force
where coalesce(m.email_key, m.upn_key) is not null
group by p.review_month, p.person_key
