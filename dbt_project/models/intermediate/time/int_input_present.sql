-- Grain: input: what the drops hold of it. in_drop: a loaded file in drop(M); in_any_drop: loaded rows in drops up to
-- the horizon.
with inputs as (
    {% for input in ['subscriptions', 'users', 'usage_report', 'usage', 'seat_usage', 'token_usage', 'groups',
        'product_access', 'hub_members', 'lrt', 'flex_packs', 'flex_balance', 'sso_config', 'tokenflex',
        'directory_users', 'directory_group_members', 'hr_workers', 'contractors', 'perpetual_licences',
        'device_inventory', 'sam_usage', 'invoices', 'vendor_claims', 'nlm_log', 'nlm_licence', 'nlm_status'] %}
    select '{{ input }}' as input
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
select
    m.review_month,
    i.input,
    coalesce(bool_or(f.drop = m.drop_month and f.verdict = 'loaded'), false) as in_drop,
    coalesce(bool_or(f.drop <= m.horizon and f.rows_loaded > 0), false) as in_any_drop,
    coalesce(bool_or(f.drop = m.prev_month and f.verdict = 'loaded'), false) as in_prev,
    coalesce(bool_or(f.drop = m.month_minus_3 and f.verdict = 'loaded'), false) as in_prev3
from {{ ref('int_month') }} as m
cross join inputs as i
left join {{ source('raw', 'file_register') }} as f on f.input = i.input and f.drop <> 'reference'
group by m.review_month, i.input
