-- Grain: rows of drop(M); per contract_number, subscription_id, offering_name, team_alias the file of highest
-- precedence. Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.contract_number,
    r.subscription_id,
    r.offering_name,
    r.seat_quantity,
    r.start_date,
    r.end_date,
    r.autorenew_date,
    r.term,
    r.subscription_status,
    r.reseller_name,
    r.reseller_email,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'subscriptions') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.contract_number, r.subscription_id,
    r.offering_name, coalesce(r.team_alias, '(single team)'))
