{# What is done in rounds, on DuckDB: recursion. `../rounds.sql` says what each macro means. #}

{% macro duckdb__taken_in_rounds() -%}
    select d.review_month, d.team_alias, cast(0 as bigint) as place, d.day, cast(0 as decimal(38, 8)) as taken,
        d.wanted as remaining
    from demand as d
    union all
    select
        x.review_month, x.team_alias, x.place, x.day, x.taken, cast(x.before - x.taken as decimal(38, 8)) as remaining
    from (
        select
            s.review_month, s.team_alias, p.place, s.day, s.remaining as before,
            cast(case
                when s.day >= p.start_date and s.day <= p.end_date
                    then greatest(0,
                        least(s.remaining, p.tokens - (sum(case when s.day >= p.start_date
                        and s.day <= p.end_date then s.remaining else 0 end) over (
                        partition by s.review_month, s.team_alias
                            order by s.day rows unbounded preceding) - s.remaining)))
                else 0
            end as decimal(38, 8)) as taken
        from step as s
        inner join pack as p on p.review_month = s.review_month and p.team_alias = s.team_alias and p.place = s.place
            + 1
    ) as x
{%- endmacro %}

{% macro duckdb__gifts_in_rounds() -%}
    select t.review_month, t.offering_key, cast(0 as bigint) as receiver_place, t.team_alias, t.seats,
        cast(0 as bigint) as taken, false as gave
    from team as t
    where exists (select 1 from receiver as r where r.review_month = t.review_month and r.offering_key = t.offering_key)
    union all
    select review_month, offering_key, receiver_place, team_alias, seats, taken + case when gives = 1 then 1
        else 0 end as taken, gives = 1 as gave
    from (
        select s.review_month, s.offering_key, r.place as receiver_place, s.team_alias, s.seats, s.taken,
            case when s.taken < s.seats then row_number() over (
                partition by s.review_month, s.offering_key
                order by case when s.taken < s.seats then 0 else 1 end, case when s.team_alias = r.own_team then 0
                    else 1 end, n.place nulls last, s.team_alias) end as gives
        from step as s
        inner join receiver as r on r.review_month = s.review_month and r.offering_key = s.offering_key
            and r.place = s.receiver_place + 1
        left join seat as n
            on n.review_month = s.review_month and n.offering_key = s.offering_key and n.team_alias = s.team_alias
                and n.team_place = s.taken + 1
    ) as round_of_gifts
{%- endmacro %}
