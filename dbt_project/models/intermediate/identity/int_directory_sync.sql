-- Grain: (team, domain): single sign-on and directory sync as the portal shows them in drop(M), and as of when:
-- seen_at is the time of the export, at the latest the end of as_of.
{{ config(materialized='view') }}
select c.review_month, c.team_alias, c.domain, c.sso_enabled, c.directory_sync_enabled, c.last_sync_at, c.sync_errors,
    least(cast({{ add_days('m.as_of', 1) }} as timestamp), f.exported_at) as seen_at, c.src
from {{ ref('stg_portal__sso_config') }} as c
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ source('raw', 'file_register') }} as f on f._file_no = cast(floor(c.src / 10000000000) as integer)
