-- Grain: rows of every drop up to the horizon of the month; precedence is applied where persons and offerings are
-- known. Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.product_line_code,
    r.product_name,
    r.user_name,
    r.usage_date,
    r.usage_month,
    r.contract_year,
    r.usage_category,
    r.charge_category,
    r.product_version,
    r.product_feature_code,
    r.machine_name,
    r.license_server_name,
    r.usage_type,
    r.session_start_date,
    r.session_end_date,
    r.tokens_consumed,
    r.unique_users,
    r.unique_products,
    r.usage_minutes,
    r.usage_hours,
    r.use_count,
    r.quantity,
    r._extra as extra,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'tokenflex') }} as r
inner join {{ drops_seen() }} as m on m.drop = r._drop
