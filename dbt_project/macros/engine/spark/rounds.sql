{# What is done in rounds, on Spark: lists of a pool or an offering, folded. `../rounds.sql` says what each macro
   means. #}

{# Per pool the packs are folded: of each, what it takes of the days (`prior`: what was wanted before the day on days
   that it covers), and what is left of them. #}
{% macro spark__taken_in_rounds() -%}
{%- set amount = 'decimal(38,8)' -%}
    select d.review_month, d.team_alias, cast(0 as bigint) as place, d.day, cast(0 as {{ amount }}) as taken,
        d.wanted as remaining
    from demand as d
    union all
    select
        review_month, team_alias, round_.place, round_.day, round_.taken, round_.remaining
    from (
        select
            w.review_month, w.team_alias,
            explode(aggregate(
                p.packs,
                named_struct(
                    'remaining', transform(w.days, x -> x.wanted),
                    'rounds', cast(array() as array<struct<
                        place: bigint, day: date, taken: {{ amount }}, remaining: {{ amount }}>>)),
                (done, pack) -> element_at(transform(
                    array(aggregate(
                        zip_with(w.days, done.remaining, (x, before) -> named_struct(
                            'covered', x.day >= pack.start_date and x.day <= pack.end_date, 'before', before)),
                        named_struct('prior', cast(0 as {{ amount }}), 'taken', cast(array() as array<{{ amount }}>)),
                        (sum_, x) -> named_struct(
                            'prior', cast(sum_.prior + case when x.covered then x.before else 0 end as {{ amount }}),
                            'taken', array_append(sum_.taken, cast(case
                                when x.covered then greatest(0, least(x.before, pack.tokens - sum_.prior)) else 0
                                end as {{ amount }}))),
                        sum_ -> sum_.taken)),
                    taken -> named_struct(
                        'remaining', transform(taken, (t, i) -> cast(done.remaining[i] - t as {{ amount }})),
                        'rounds', concat(done.rounds, transform(taken, (t, i) -> named_struct(
                            'place', pack.place, 'day', w.days[i].day, 'taken', t,
                            'remaining', cast(done.remaining[i] - t as {{ amount }})))))), 1),
                done -> done.rounds)) as round_
        from (
            select review_month, team_alias,
                array_sort(collect_list(named_struct('day', day, 'wanted', wanted))) as days
            from demand group by review_month, team_alias
        ) as w
        inner join (
            select review_month, team_alias, array_sort(collect_list(named_struct('place', cast(place as bigint),
                'tokens', tokens, 'start_date', start_date, 'end_date', end_date))) as packs
            from pack group by review_month, team_alias
        ) as p on p.review_month = w.review_month and p.team_alias = w.team_alias
    )
{%- endmacro %}

{# Per offering the receivers are folded: each takes the best seat that is left (`best`: of the teams that have one, the
   own one, else that whose next seat is first). #}
{% macro spark__gifts_in_rounds() -%}
    select review_month, offering_key, gift.receiver_place, gift.team_alias, gift.taken, true as gave
    from (
        select
            t.review_month, t.offering_key,
            explode(aggregate(
                r.receivers,
                named_struct(
                    'taken', transform(t.teams, x -> cast(0 as bigint)),
                    'gifts', cast(array() as array<struct<receiver_place: bigint, team_alias: string, taken: bigint>>)),
                (done, receiver) -> element_at(transform(
                    array(array_min(transform(t.teams, (x, i) -> named_struct(
                        'is_empty', done.taken[i] >= size(x.places),
                        'is_other', not coalesce(x.team_alias = receiver.own_team, false),
                        'place', get(x.places, cast(done.taken[i] as int)), 'team_alias', x.team_alias, 'i', i)))),
                    best -> named_struct(
                        'taken', transform(done.taken, (n, i) -> case when i = best.i and not best.is_empty then n + 1
                            else n end),
                        'gifts', case when best.is_empty then done.gifts
                            else array_append(done.gifts, named_struct('receiver_place', receiver.place,
                                'team_alias', best.team_alias, 'taken', done.taken[best.i] + 1)) end)), 1),
                done -> done.gifts)) as gift
        from (
            select review_month, offering_key,
                array_sort(collect_list(named_struct('team_alias', team_alias, 'places', places))) as teams
            from (
                select review_month, offering_key, team_alias, array_sort(collect_list(cast(place as bigint))) as places
                from seat group by review_month, offering_key, team_alias
            )
            group by review_month, offering_key
        ) as t
        inner join (
            select review_month, offering_key,
                array_sort(collect_list(named_struct('place', cast(place as bigint), 'own_team', own_team)))
                    as receivers
            from receiver group by review_month, offering_key
        ) as r on r.review_month = t.review_month and r.offering_key = t.offering_key
    )
{%- endmacro %}
