"""What a cell of dates or times means, in every accepted form, and how the order of day and month is settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.values import date_words
from pipelines.ingest.conform.table import Forms
from tests.unit.ingest.judged import connection, judge

MONTHS = {
    lang: dict(zip(date_words(lang)[0].values(), date_words(lang)[0], strict=True))
    for lang in ("en", "de", "fr", "es", "pl")
}
con = connection()


def hr_dates(*texts, forms=None, column="leave_date"):
    rows = [[str(n), "Active", text] for n, text in enumerate(texts)]
    return judge(con, "hr_workers", ["employee_id", "status", column], rows, forms)


def sign_ins(*texts, forms=None):
    rows = [[str(n), f"p{n}@firm.example", "true", text] for n, text in enumerate(texts)]
    names = ["user_id", "user_principal_name", "account_enabled", "last_sign_in_at"]
    return [r["last_sign_in_at"] for r in judge(con, "directory_users", names, rows, forms).rows]


def renderings(day: date, blank: str) -> list[str]:
    """A day in every form that needs no order."""
    d, m, y = day.day, day.month, day.year
    en = MONTHS["en"]
    return [
        f"{y}-{m:02d}-{d:02d}",
        f"{y}-{m:02d}-{d:02d}T07:05:00",
        f"{y}-{m:02d}-{d:02d}{blank}7:05",
        f"{y}/{m}/{d}",
        f"{y}.{m:02d}.{d:02d}",
        f"{y}年{m}月{d}日",
        f"{d:02d}-{en[m][:3].title()}-{y % 100:02d}",
        f"{d}{blank}{en[m].title()}{blank}{y}",
        f"{en[m].title()}{blank}{d},{blank}{y}",
        f"{en[m][:3].upper()}{blank}{d},{blank}{y},{blank}7:05{blank}PM",
        f"{y}{m:02d}{d:02d}",
    ]


@settings(max_examples=12, deadline=None)
@given(day=st.dates(date(1970, 1, 1), date(2068, 12, 31)), blank=st.sampled_from([" ", "\u00a0", "\u202f", "  "]))
def test_a_day_comes_back_from_every_form_that_needs_no_order(day, blank):
    texts = [t for t in renderings(day, blank) if not (t[-3:-2] == "-" and day.year < 2000)]
    found = hr_dates(*texts)
    assert {t: r["leave_date"] for t, r in zip(texts, found.rows, strict=True)} == dict.fromkeys(texts, day)
    assert not found.unread


@settings(max_examples=12, deadline=None)
@given(
    days=st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1, max_size=4),
    order=st.sampled_from(["dmy", "mdy"]),
    separator=st.sampled_from(["/", ".", "-"]),
    stated=st.booleans(),
)
def test_days_in_an_order_that_is_known_come_back_whichever_column_tells_it(days, order, separator, stated):
    def written(d: date) -> str:
        a, b = (d.day, d.month) if order == "dmy" else (d.month, d.day)
        return f"{a}{separator}{b:02d}{separator}{d.year}"

    # Unless a manifest says it, one column has a day that settles the order; the other column does not.
    settling = date(2026, 3, 25)
    rows = [[str(n), "Active", written(d), written(settling)] for n, d in enumerate(days)]
    names = ["employee_id", "status", "leave_date", "hire_date"]
    if stated:
        rows = [r[:3] for r in rows]
        names = names[:3]
    found = judge(con, "hr_workers", names, rows, Forms(order=order if stated else None))
    assert [r["leave_date"] for r in found.rows] == days
    assert all(r["_reason"] is None for r in found.rows)


def test_two_columns_that_settle_the_order_differently_settle_nothing_for_a_third():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date", "autorenew_date"]
    row = ["Revit", "S1", "1", "25/03/2026", "03/25/2027", "03/04/2027"]
    found = judge(con, "subscriptions", names, [row])
    assert found.rows[0]["_reason"] is None
    assert (found.rows[0]["start_date"], found.rows[0]["end_date"]) == (date(2026, 3, 25), date(2027, 3, 25))
    assert found.rows[0]["autorenew_date"] is None
    assert found.unread["autorenew_date"].first_text == "03/04/2027"


def test_a_column_that_contradicts_itself_is_not_read_and_settles_nothing():
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "leave_date", "hire_date"],
        [["1", "Active", "25/03/2026", "01/02/2020"], ["2", "Active", "03/25/2026", "01/02/2020"]],
    )
    assert [(r["leave_date"], r["hire_date"]) for r in found.rows] == [(None, None)] * 2


def test_an_order_that_nothing_tells_refuses_a_required_date_and_says_what_to_do():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(
        con,
        "subscriptions",
        names,
        [["Revit", "S1", "1", "03/04/2026", "2027-01-01"], ["Revit", "S2", "1", "8/7/26", "2027-01-01"]],
    )
    assert "set date_order in a manifest" in found.rows[0]["_reason"]
    assert "a two-digit year" in found.rows[1]["_reason"]


def test_a_year_of_two_digits_is_read_where_the_order_is_certain():
    assert [r["leave_date"] for r in hr_dates("8/29/26", "9/1/26").rows] == [date(2026, 8, 29), date(2026, 9, 1)]
    assert [r["leave_date"] for r in hr_dates("29.08.26", "1.9.26").rows] == [date(2026, 8, 29), date(2026, 9, 1)]
    # 29/08/26 may begin with the year.
    assert [r["leave_date"] for r in hr_dates("29/08/26").rows] == [None]
    assert [r["leave_date"] for r in hr_dates("29/08/26", forms=Forms(order="ymd")).rows] == [date(2029, 8, 26)]


def test_twelve_and_twenty_four_hours_stand_in_one_column():
    assert sign_ins("10/23/2026 13:22", "10/3/2026 10:09:05 AM", "10/3/2026, 1:09\u202fPM", "10/4/2026 12:00 a.m.") == [
        datetime(2026, 10, 23, 13, 22),
        datetime(2026, 10, 3, 10, 9, 5),
        datetime(2026, 10, 3, 13, 9),
        datetime(2026, 10, 4),
    ]


def test_names_of_months_are_read_in_english_and_in_the_language_of_the_manifest():
    for language, text in {
        "de": "29. Oktober 2026",
        "fr": "29 octobre 2026",
        "es": "29 de octubre de 2026",
        "it": "29 ottobre 2026",
        "pt-BR": "29 de out. de 2026",
        "nl": "29 okt 2026",
        "pl": "29 października 2026",
        "en": "Thu, 29 Oct 2026 09:15:00 GMT",
    }.items():
        assert [r["leave_date"] for r in hr_dates(text, forms=Forms(language=language)).rows] == [date(2026, 10, 29)], (
            text
        )
    assert hr_dates("29. Oktober 2026").unread["leave_date"].first_text == "29. Oktober 2026"


@settings(max_examples=12, deadline=None)
@given(moment=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)))
def test_an_instant_comes_back_from_every_form_of_a_time(moment):
    ticks = (moment - datetime(1601, 1, 1)) // timedelta(microseconds=1) * 10
    east = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5, minutes=30)))
    texts = [
        moment.isoformat() + "Z",
        east.isoformat(),
        east.isoformat(" "),
        str(ticks),
        f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        f"{moment:%Y%m%d%H%M%S}.0Z",
    ]
    assert sign_ins(*texts) == [moment] * len(texts)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    wanted = [moment] if 20000 <= serial < 80001 else [None]
    assert sign_ins(repr(serial), forms=Forms(serials=True)) == wanted
    assert sign_ins(repr(serial)) == [None]


def test_never_is_no_date_and_no_fault():
    words = [
        "0",
        "never",
        "Never logged in",
        "9223372036854775807",
        "9223372032559808511",
        "NIE",
        "jamais",
        "なし",
        "0000-00-00",
        "9999-12-31",
        "31/12/9999 00:00:00",
        "1601-01-01T00:00:00Z",
    ]
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "leave_date"],
        [[str(i), "Active", w] for i, w in enumerate(words)],
        Forms(order="dmy"),
    )
    assert {r["leave_date"] for r in found.rows} == {None}
    assert not found.unread and {r["_reason"] for r in found.rows} == {None}


def test_a_far_date_stays_where_one_is_required_and_never_does_not():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(
        con,
        "subscriptions",
        names,
        [["Revit", "S1", "1", "1969-01-01", "9999-12-31"], ["Revit", "S2", "1", "2026-01-01", "never"]],
    )
    assert (found.rows[0]["start_date"], found.rows[0]["end_date"]) == (date(1969, 1, 1), date(9999, 12, 31))
    assert found.rows[1]["_reason"] == "is empty; a value is required"


def test_a_day_that_does_not_exist_is_unread_and_a_time_without_offset_keeps_its_day():
    assert hr_dates("2026-02-30").unread["leave_date"].cells == 1
    found = hr_dates("2026-10-29 23:30", forms=Forms(timezone="America/New_York"))
    assert found.rows[0]["leave_date"] == date(2026, 10, 29)
    assert hr_dates("2026-10-29T23:30:00-05:00").rows[0]["leave_date"] == date(2026, 10, 30)
