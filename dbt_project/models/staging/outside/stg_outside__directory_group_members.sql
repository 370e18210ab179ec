-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.group_name,
    r.member_id,
    r.user_principal_name,
    r.mail,
    r.member_type,
    r.group_dn,
    r.member_attribute,
    r.member_value,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'directory_group_members') }} as r on r._drop = m.drop_month
