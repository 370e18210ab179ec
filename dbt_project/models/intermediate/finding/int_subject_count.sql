-- Grain: subject: how many of them the rules of that subject looked at in the month.
select review_month, 'positions' as subject, count(*) as subjects from {{ ref('int_position') }} group by review_month
union all
select review_month, 'access_pairs', count(*) from {{ ref('int_product_access') }} group by review_month
union all
select review_month, 'hub_persons', count(*) from {{ ref('int_hub_person') }} group by review_month
union all
select review_month, 'hubs', count(distinct team_alias || '|' || hub || '|' || coalesce(project, ''))
    from (select review_month, coalesce(team_alias, '') as team_alias, hub, project from {{ ref('int_hub_member') }})
    group by review_month
union all
select review_month, 'hub_products', count(distinct person_key || '|' || offering_key) from {{ ref('int_hub_member') }}
    where offering_key is not null group by review_month
union all
select review_month, 'hub_invitations', count(distinct person_key || '|' || hub) from {{ ref('int_hub_member') }}
    where is_pending group by review_month
union all
select review_month, 'names', count(distinct name) from {{ ref('int_name_seen') }} where in_drop group by review_month
union all
select review_month, 'seats', count(*) from {{ ref('int_seat') }} group by review_month
union all
select review_month, 'token_persons', count(distinct person_key || '|' || offering_key) from {{ ref('int_use_cell') }}
    where input = 'token_usage' group by review_month
union all
select u.review_month, 'month_token_persons', count(distinct u.person_key || '|' || u.offering_key)
from {{ ref('int_use_cell') }} as u
inner join {{ ref('int_month') }} as m using (review_month)
where u.input = 'token_usage' and u.period >= m.month_start and u.period <= m.as_of
group by u.review_month
union all
select review_month, 'use_persons', count(distinct person_key) from {{ ref('int_use_cell') }} group by review_month
union all
select review_month, 'lrt_persons', count(distinct person_key) from {{ ref('int_lrt_cell') }} group by review_month
union all
select review_month, 'lrt_offerings', count(*) from {{ ref('int_lrt_sam') }} group by review_month
union all
select review_month, 'group_rules', count(*) from {{ ref('int_group_fact') }} group by review_month
union all
select review_month, 'sso_teams', count(distinct team_alias)
    from {{ ref('stg_portal__sso_config') }} group by review_month
union all
select review_month, 'invitations', count(*) from {{ ref('int_portal_user') }}
    where account_status = 'pending' group by review_month
union all
select review_month, 'teams', count(distinct team_alias) from {{ ref('int_portal_user') }} group by review_month
union all
select review_month, 'admins', count(*) from {{ ref('int_admin') }} group by review_month
union all
select review_month, 'pools', count(*) from {{ ref('int_pool') }} group by review_month
union all
select review_month, 'packs', count(*) from {{ ref('int_flex_pack') }} group by review_month
union all
select review_month, 'balances', count(*) from {{ ref('stg_portal__flex_balance') }} group by review_month
union all
select review_month, 'perpetual_offerings', count(*) from {{ ref('int_perpetual') }} group by review_month
union all
select review_month, 'nlm_features', count(*) from {{ ref('int_nlm_feature') }} group by review_month
union all
select review_month, 'claims', count(*) from {{ ref('int_unpaid_claim') }} group by review_month
union all
select review_month, 'groups', count(*) from (select distinct review_month, team_alias, group_name
    from {{ ref('int_portal_group') }}) group by review_month
union all
select review_month, 'leavers', count(*) from {{ ref('int_leaver_seat') }} group by review_month
union all
select review_month, 'contract_lines', count(*) from {{ source('reference', 'contract_lines') }} group by review_month
union all
select review_month, 'lrt_sources', count(distinct source) from {{ ref('int_lrt_lag') }} group by review_month
union all
select review_month, 'reviews', count(*) from {{ ref('int_review_due') }} group by review_month
