-- Flex: terms and velocities of the pools, the ledger day by day over the packs, the forecast and its back-test.
create or replace table token_day as
select team, day, sum(tokens)::decimal(18, 4) as tokens from token group by all;

create or replace table term as
with packs as (
    select team_alias as team, min(start_date) as first_start, max(end_date) as last_end, rows_of(src) as evidence,
        min(start_date) filter (where as_of() between start_date and end_date) as term_start,
        max(end_date) filter (where as_of() between start_date and end_date) as term_end,
        (sum(tokens) filter (where as_of() between start_date and end_date))::decimal(18, 4) as purchased
    from pack
    group by all
)
select *, case when elapsed <= 90 then first_tokens when elapsed > 90 then tokens_90 end as v_tokens,
    least(elapsed, 90) as v_days
from (
    select team, p.first_start, p.last_end, p.evidence, p.term_start, p.term_end, p.purchased, as_of() - p.term_start
        + 1 as elapsed,
        coalesce(sum(t.tokens) filter (where t.day between p.term_start and as_of()), 0)::decimal(18, 4) as consumed,
        coalesce(sum(t.tokens) filter (where t.day between p.term_start and least(as_of(), p.term_start + 89)),
            0)::decimal(18, 4) as first_tokens,
        coalesce(sum(t.tokens) filter (where t.day > as_of() - 90 and t.day <= as_of()), 0)::decimal(18,
            4) as tokens_90,
        coalesce(sum(t.tokens) filter (where t.day > as_of() - 30 and t.day <= as_of()), 0)::decimal(18, 4) as tokens_30
    from packs as p
    full join token_day as t using (team)
    group by all
);

-- Packs in order; each takes what is left of the days that it covers, in day order. Days after the month run on at
-- v_now.
create or replace table pack_place as
select *, row_number() over (partition by team_alias order by end_date, tokens, pack_id, src) as place from pack;
create or replace table ledger as
with recursive step as (
    select team, 0::bigint as place, day, 0::decimal(24, 8) as taken, wanted as remaining
    from (
        select d.team, d.day, d.tokens::decimal(24, 8) as wanted from token_day as d
            inner join term as t on t.team = d.team and d.day between t.first_start and as_of()
        union all
        select team, unnest(generate_series((as_of() + 1)::timestamp, last_end::timestamp, interval 1 day))::date,
            (v_tokens::double / v_days)::decimal(24, 8)
        from term
        where v_tokens > 0 and last_end > as_of()
    )
    union all
    select team, place, day, taken, (remaining - taken)::decimal(24, 8)
    from (
        select s.team, p.place, s.day, s.remaining,
            (case when s.day between p.start_date and p.end_date then greatest(0,
                least(s.remaining, p.tokens - coalesce(
                sum(case when s.day between p.start_date and p.end_date then s.remaining
                    else 0 end) over (partition by s.team order by s.day rows between unbounded preceding
                    and 1 preceding), 0)))
            else 0 end)::decimal(24, 8) as taken
        from step as s
        inner join pack_place as p on p.team_alias = s.team and p.place = s.place + 1
    )
)
select * from step;

create or replace table pack_use as
select p.*, as_of() between p.start_date and p.end_date as is_active, coalesce(l.taken_now, 0)::decimal(18, 4) as taken,
    case when p.end_date <= as_of() or t.v_tokens is not null then round(p.tokens - coalesce(l.taken, 0),
        2)::decimal(18, 2) end as left_at_end
from pack_place as p
inner join term as t on t.team = p.team_alias
left join (select team, place, sum(taken) as taken, sum(taken) filter (where day <= as_of()) as taken_now
    from ledger group by all) as l
    on l.team = p.team_alias and l.place = p.place;

-- At each earlier month's end of the term: what v_now of that day would have said of today.
create or replace table backtest as
with origin as (
    select team, term_start, consumed, unnest(generate_series(last_day(term_start)::timestamp,
        (date_trunc('month', as_of()) - interval 1 day), interval 1 month)) as at
    from term
    where term_start is not null
),
known as (
    select o.team, o.consumed, last_day(o.at::date) as month_end, last_day(o.at::date) - o.term_start + 1 as elapsed,
        coalesce(sum(t.tokens) filter (where t.day between o.term_start and last_day(o.at::date)), 0)::decimal(18,
            4) as then_consumed,
        coalesce(sum(t.tokens) filter (where t.day between greatest(o.term_start, last_day(o.at::date) - 89)
            and last_day(o.at::date)), 0)::decimal(18, 4) as tokens_90
    from origin as o
    left join token_day as t on t.team = o.team
    group by all
)
select team, count(*) as months,
    sum(abs(then_consumed + money_div(tokens_90, as_of() - month_end, least(elapsed,
        90)) - consumed))::double / nullif(max(consumed)::double * count(*), 0) as mape
from known
group by team;

create or replace table pool as
with packs as (
    select team_alias as team, (sum(tokens - taken) filter (where is_active))::decimal(18, 2) as balance,
        coalesce(sum(tokens - taken) filter (where end_date < as_of()), 0)::decimal(18, 2) as expired
    from pack_use
    group by all
),
uncovered as (
    select team, coalesce(sum(remaining) filter (where day <= as_of()), 0)::decimal(18, 2) as overdraft
    from (from ledger qualify place = max(place) over (partition by team))
    group by all
),
pool_contract as (
    select team_alias as team, contract_number, sum(tokens) as tokens, max(end_date) as end_date
    from pack
    where as_of() between start_date and end_date and contract_number is not null
    group by team_alias, contract_number
    qualify row_number() over (partition by team_alias order by sum(tokens) desc, max(end_date) desc,
        contract_number) = 1
)
select t.*, t.term_end - as_of() as days_left, p.balance, coalesce(p.expired, 0) as expired,
    coalesce(u.overdraft, 0) as overdraft,
    coalesce(x.amount, g.amount) as token_price, coalesce(x.currency, g.currency) as currency,
    case when t.v_tokens > 0 then (as_of()
        + least(((p.balance::decimal(18,
        4) * 10000)::hugeint * t.v_days::hugeint // nullif((t.v_tokens * 10000)::hugeint, 0))::bigint,
        1000000)::integer) end as exhaustion_date,
    money_div(t.v_tokens, t.term_end - as_of(), t.v_days) as still_to_use,
    case when still_to_use is not null and p.balance is not null then greatest(0::decimal(18, 2),
        (still_to_use - p.balance)::decimal(18, 2)) end as shortfall,
    -- In money of what is not rounded.
    case when p.balance is not null then money_div(greatest(0::decimal(18, 4),
        (t.v_tokens * (t.term_end - as_of()) - p.balance * t.v_days)::decimal(18, 4)), coalesce(x.amount, g.amount),
        t.v_days) end as short_amount,
    coalesce(t.elapsed >= param('FLX-01.min_elapsed_days'), false) as is_old_enough,
    coalesce(is_old_enough and exhaustion_date < t.term_end, false) as flx_01,
    (param('FLX-03.share') * t.purchased::decimal(28, 4))::decimal(18, 2) as low_balance,
    coalesce(p.balance < low_balance, false) as flx_03, b.mape
from term as t
left join packs as p on p.team = t.team
left join uncovered as u on u.team = t.team
left join pool_contract as c on c.team = t.team
left join token_price as x on x.contract_number = c.contract_number
left join token_price as g on g.contract_number = ''
left join backtest as b on b.team = t.team;
