-- Grain: input, name: every offering or product text of drop(M), of the drops before it, and of event rows up to the
-- horizon, with the first row of drop(M) that shows it.
-- in_drop tells the texts of drop(M) itself (rule ENT-12); the others are needed to read event rows of other drops.
{% set inputs = {
    'subscriptions': ['offering_name'], 'users': ['offering_name', 'product_name'], 'usage_report': ['offering_name'],
    'product_access': ['offering_name'], 'perpetual_licences': ['offering_name'], 'sam_usage': ['offering_name'],
    'invoices': ['offering_name'], 'usage': ['offering_name', 'product_name'], 'seat_usage': ['offering_name'],
    'token_usage': ['offering_name'], 'lrt': ['product'], 'tokenflex': ['product_name']} %}
{% set events = ['sam_usage', 'usage', 'seat_usage', 'token_usage', 'lrt', 'tokenflex'] %}
with seen as (
    {% for input, columns in inputs.items() %}{% for column in columns %}
    select '{{ input }}' as input, {{ 'true' if input in events else 'false' }} as is_event, r._drop as drop_month,
        r.{{ column }} as name, min(r._src) as src, count(*) as name_rows
    from {{ source('raw', input) }} as r
    where r.{{ column }} is not null
    group by r._drop, r.{{ column }}
    {% if not loop.last %}union all{% endif %}{% endfor %}
    {% if not loop.last %}union all{% endif %}{% endfor %}
)
select
    m.review_month,
    s.input,
    s.is_event,
    s.name,
    {{ fold('s.name') }} as folded,
    coalesce(max(a.offering_key), 'unmapped:' || {{ fold('s.name') }}) as offering_key,
    max(a.offering_key) is not null as is_mapped,
    bool_or(s.drop_month = m.drop_month) as in_drop,
    min(case when s.drop_month = m.drop_month then s.src end) as src,
    sum(case when s.drop_month = m.drop_month then s.name_rows else 0 end) as name_rows
from seen as s
inner join {{ ref('int_month') }} as m on s.drop_month <= case when s.is_event then m.horizon else m.drop_month end
left join {{ source('reference', 'product_aliases') }} as a
    on a.review_month = m.review_month and a.alias = {{ fold('s.name') }} and a.valid_from <= m.as_of
        and m.as_of <= a.valid_to
group by m.review_month, s.input, s.is_event, s.name
