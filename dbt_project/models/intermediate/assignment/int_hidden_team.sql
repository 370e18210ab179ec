-- Grain: team that hides personal data: more than hidden_share of its usage_report rows have no e-mail.
select u.review_month, u.team_alias, count(*) filter (where u.email is null) as hidden_rows, count(*) as all_rows
from {{ ref('int_usage_report') }} as u
group by u.review_month, u.team_alias
having count(*) filter (where u.email is null) > {{ param_decimal('foundations', 'hidden_share', 'u') }}
    * count(*)
