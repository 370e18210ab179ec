-- Grain: row of tokenflex of the drops up to M after precedence (all columns but the metrics are its key). User and
-- machine are swapped back: for products metered by machine the source exchanges the two from a day on (parameters
-- `machine_metered`, `machine_metered_from`).
{% set key = ['product_line_code', 'product_name', 'user_name', 'usage_date', 'usage_month', 'contract_year',
    'usage_category', 'charge_category',
    'product_version', 'product_feature_code', 'machine_name', 'license_server_name', 'usage_type',
        'session_start_date', 'session_end_date', 'extra'] %}
with latest as (
    select t.*, {{ param_text('foundations', 'machine_metered_from', 't') }} as metered_from
    from {{ ref('stg_portal__tokenflex') }} as t
    qualify t.file_rank = max(t.file_rank) over (
        partition by
            {% for column in key %}
            t.{{ column }},
            {% endfor %}
            t.review_month
    )
),
words as (
    select p.review_month, {{ split_rows('p.value') }} as word
    from {{ ref('int_parameter') }} as p
    where p.rule_id = 'foundations' and p.parameter = 'machine_metered' and p.offering_key = ''
),
metered as (
    select distinct l.review_month, l.product_name
    from latest as l
    inner join words as w on w.review_month = l.review_month and w.word <> ''
        and instr('_' || {{ fold('l.product_name') }} || '_', '_' || {{ fold('w.word') }} || '_') > 0
),
swapped as (
    select l.*,
        m.product_name is not null
            and coalesce(l.usage_date, l.usage_month) >= cast(l.metered_from as date) as is_swapped
    from latest as l
    left join metered as m on m.review_month = l.review_month and m.product_name = l.product_name
)
select
    s.review_month,
    coalesce(o.offering_key, a.offering_key, 'unmapped:'
        || {{ fold('coalesce(s.product_name, s.product_line_code)') }}) as offering_key,
    s.product_name, s.product_line_code, s.product_version, s.product_feature_code,
    case when s.is_swapped then s.machine_name else s.user_name end as user_name,
    case when s.is_swapped then s.user_name else s.machine_name end as machine_name,
    s.is_swapped,
    s.usage_date as day,
    coalesce(s.usage_month, {{ month_start('s.usage_date') }}) as usage_month,
    s.contract_year, s.usage_category, s.charge_category, s.usage_type, s.license_server_name, s.session_start_date,
        s.session_end_date,
    s.tokens_consumed, s.usage_minutes, s.usage_hours, s.use_count, s.src
from swapped as s
inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
left join {{ ref('int_offering_name') }} as o on o.review_month = s.review_month and o.name = s.product_name
left join {{ source('reference', 'product_aliases') }} as a
    on a.review_month = s.review_month and s.product_name is null and a.alias = {{ fold('s.product_line_code') }}
    and a.valid_from <= m.as_of and m.as_of <= a.valid_to
