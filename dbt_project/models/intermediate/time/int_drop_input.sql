-- Grain: (drop, input) with a loaded file, of every drop up to the last one that the run looks at: is the input whole
-- there, and what says that it is not. A function of the file register alone, so that it does not matter in which order
-- months are made. Which rules wait for it is int_inconclusive's.
-- A state input is not whole either where it has fewer than half of the rows of the latest drop before in which it was
-- whole; a manifest that says `complete: yes` overrides that.
with recursive loaded as (
    select
        f.drop, f.input,
        cast(sum(f.rows_loaded) as bigint) as rows_loaded,
        bool_and(f.complete = 'yes' and instr(coalesce(f.manifest, ''), '"complete"') > 0) as is_declared_whole,
        {{ distinct_text("case when f.complete = 'no' then f.path || ': ' || coalesce(f.incomplete_reason, 'it says so')
            end", '; ') }} as said,
        bool_or(coalesce(f.complete = 'no', false)) as is_declared_part
    from {{ source('raw', 'file_register') }} as f
    where f.verdict = 'loaded' and f.input is not null and f.drop <> 'reference'
        and f.drop <= (select max(m.drop_month) from {{ ref('int_month') }} as m)
    group by f.drop, f.input
),
beside as (
    select f.drop, f.input, {{ distinct_text("f.path || ' was refused'", '; ') }} as said
    from {{ source('raw', 'file_register') }} as f
    where f.verdict = 'rejected' and f.input is not null
    group by f.drop, f.input
),
signed as (
    select
        l.drop, l.input, l.rows_loaded, coalesce(l.is_declared_whole, false) as is_declared_whole,
        l.input in ('subscriptions', 'users', 'usage_report', 'groups', 'product_access', 'hub_members', 'flex_packs',
            'flex_balance', 'sso_config', 'directory_users',
            'directory_group_members', 'hr_workers', 'contractors', 'perpetual_licences', 'device_inventory',
                'invoices', 'vendor_claims', 'nlm_licence', 'nlm_status') as is_state,
        l.is_declared_part or (b.input is not null and not coalesce(l.is_declared_whole, false)) as has_sign,
        nullif(concat_ws('; ', nullif(l.said, ''), case when not coalesce(l.is_declared_whole, false) then b.said end),
            '') as said,
        row_number() over (partition by l.input order by l.drop) as place
    from loaded as l
    left join beside as b on b.drop = l.drop and b.input = l.input
),
-- whole_rows, whole_drop: of the latest drop so far in which the input was whole.
chain as (
    select s.input, s.place, s.drop, s.rows_loaded, cast(null as bigint) as rows_before,
        cast(null as string) as drop_before, false as is_fewer, s.has_sign, s.said,
        case when not s.has_sign then s.rows_loaded end as whole_rows, case
            when not s.has_sign then s.drop end as whole_drop
    from signed as s
    where s.place = 1
    union all
    select s.input, s.place, s.drop, s.rows_loaded, c.whole_rows, c.whole_drop,
        s.is_state and not s.is_declared_whole and coalesce(2 * s.rows_loaded < c.whole_rows, false),
        s.has_sign, s.said,
        case when s.has_sign or (s.is_state and not s.is_declared_whole and coalesce(2 * s.rows_loaded < c.whole_rows,
            false)) then c.whole_rows else s.rows_loaded end,
        case when s.has_sign or (s.is_state and not s.is_declared_whole and coalesce(2 * s.rows_loaded < c.whole_rows,
            false)) then c.whole_drop else s.drop end
    from chain as c
    inner join signed as s on s.input = c.input and s.place = c.place + 1
)
select
    c.drop, c.input, not c.has_sign and not c.is_fewer as is_complete, c.is_fewer and not c.has_sign as only_fewer_rows,
        c.rows_loaded, c.rows_before, c.drop_before,
    nullif(concat_ws('; ', c.said, case when c.is_fewer then 'only ' || c.rows_loaded || ' rows, after '
        || c.rows_before || ' in ' || c.drop_before end), '') as reason
from chain as c
