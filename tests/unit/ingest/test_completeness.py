"""Files that say that they are a part: next links, totals, page numbers, results of a search, filters, manifests.
Nothing about what rules make of it.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.conform.completeness import of_pages
from pipelines.ingest.landing.narrowing import narrowing_block, narrowing_filter, narrowing_title
from pipelines.ingest.landing.paging import page_of
from tests.unit.ingest.landing import Landing

HR = "employee_id,email,status\n1,ada@firm.example,active\n"
LDIF = "dn: CN=A,DC=x\nobjectClass: user\nuid: a\nmail: a@firm.example\nuserAccountControl: 512\n\n"


def people(first: int, last: int) -> list[dict[str, object]]:
    return [
        {"id": f"id{i}", "userPrincipalName": f"p{i}@firm.example", "accountEnabled": True} for i in range(first, last)
    ]


def graph(items: list[dict[str, object]], link: bool = False, **more: object) -> dict[str, object]:
    said = {"@odata.nextLink": "https://graph.example/next"} if link else {}
    return {"@odata.context": "https://graph.example/$metadata#users", **said, **more, "value": items}


def scim(items: list[dict[str, object]], total: int, start: int = 1) -> dict[str, object]:
    resources = [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": i["id"],
            "userName": i["userPrincipalName"],
            "active": True,
        }
        for i in items
    ]
    schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    return {"schemas": schemas, "totalResults": total, "startIndex": start, "Resources": resources}


def complete(landing: Landing) -> dict[str, tuple[str | None, str | None]]:
    landing.load()
    rows = landing.con.execute(
        "select path, complete, incomplete_reason, message from raw.file_register order by path"
    ).fetchall()
    for _, whole, reason, message in rows:
        assert (whole == "no") == (reason is not None)
        assert reason is None or f"says that it is a part: {reason}" in message
    return {r[0]: (r[1], r[2]) for r in rows}


@pytest.mark.parametrize(
    ("answer", "whole", "words"),
    [
        (graph(people(0, 10)), "yes", ""),
        (graph(people(0, 10), link=True), "no", "@odata.nextLink"),
        (graph(people(0, 10), **{"@odata.count": 24}), "no", "24 objects, but only 10 were delivered"),
        (graph(people(0, 10), **{"@odata.count": 10}), "yes", ""),
        (graph(people(0, 100)), "no", "exactly 100"),
        (graph(people(0, 999)), "no", "exactly 999"),
        (graph(people(0, 99)), "yes", ""),
        (graph(people(0, 100), **{"@odata.count": 100}), "yes", ""),
        (people(0, 100), "no", "exactly 100"),
        (people(0, 24), "yes", ""),
        (scim(people(0, 10), 24), "no", "24 objects, but only 10 were delivered"),
        (scim(people(0, 24), 24), "yes", ""),
        ({"value": people(0, 3), "page": 1, "totalPages": 4}, "no", "4 pages, but only page 1 was delivered"),
        ({"value": people(0, 3), "pagination": {"page": 1, "pages": 1}}, "yes", ""),
        ({"value": people(0, 3), "meta": {"pagination": {"next": None}}}, "yes", ""),
        ({"value": people(0, 3), "links": {"next": {"href": "https://x.example"}}}, "no", "next"),
        ({"value": people(0, 3), "hasMore": True}, "no", "hasMore"),
        ({"users": people(0, 3), "nextPageToken": "abc"}, "no", "nextPageToken"),
    ],
)
def test_an_answer_says_itself_whether_it_is_a_page(landing, answer, whole, words):
    landing.put("users.json", json.dumps(answer))
    found, reason = complete(landing)["users.json"]
    assert found == whole
    assert words in (reason or "")


PAGED = {
    "a next link": lambda pages, total: [graph(p, link=i < len(pages) - 1) for i, p in enumerate(pages)],
    "a link and a count": lambda pages, total: [
        graph(p, link=i < len(pages) - 1, **{"@odata.count": total} if i == 0 else {}) for i, p in enumerate(pages)
    ],
    "a total": lambda pages, total: [scim(p, total) for p in pages],
    "page numbers": lambda pages, total: [
        {"value": p, "page": i + 1, "totalPages": len(pages)} for i, p in enumerate(pages)
    ],
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PAGED)), st.integers(1, 6), st.integers(1, 7), st.data())
def test_the_pages_that_are_there_are_whole_only_where_they_hold_everything_or_the_end(how, count, size, data):
    chosen = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    pages = PAGED[how]([people(i * size, i * size + size) for i in range(count)], count * size)
    reason = of_pages([page for i in sorted(chosen) if (page := page_of(pages[i])) is not None])
    everything = len(chosen) == count
    if everything:
        assert not reason
    elif how in ("a total", "page numbers"):
        assert reason
    else:
        # Without a total, pages that are missing before the last one cannot be seen.
        assert bool(reason) == (count - 1 not in chosen or (how == "a link and a count" and 0 in chosen))


def test_pages_in_one_drop_count_as_one_file(landing):
    for number, page in enumerate([graph(people(0, 100), link=True), graph(people(100, 130))]):
        landing.put(f"page{number}.json", json.dumps(page))
    assert {w for w, _ in complete(landing).values()} == {"yes"}


def test_pages_that_were_saved_one_after_the_other_into_one_file_are_one_answer(landing):
    pages = [graph(people(0, 100), link=True), graph(people(100, 130))]
    landing.put("whole.json", json.dumps(pages))
    landing.put(
        "other/part.ndjson", "\n".join(json.dumps(p) for p in [pages[0], {**pages[0], "value": people(200, 300)}])
    )
    assert {p: w for p, (w, _) in complete(landing).items()} == {"whole.json": "yes", "other/part.ndjson": "no"}
    assert landing.register()["whole.json"][3] == 130


def test_members_of_a_group_that_go_on_behind_a_link_are_a_part(landing):
    member = {"@odata.type": "#microsoft.graph.user", "id": "7", "userPrincipalName": "a@x.example"}
    group = {"displayName": "BIM", "members": [member], "members@odata.nextLink": "https://graph.example/m"}
    landing.put("groups.json", json.dumps({"@odata.context": "c", "value": [group]}))
    found, reason = complete(landing)["groups.json"]
    assert found == "no" and "'BIM'" in reason


@pytest.mark.parametrize(
    ("ending", "whole"),
    [
        ("", "yes"),
        ("# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n# numEntries: 1\n", "yes"),
        ("# search result\nsearch: 2\nresult: 4 Size limit exceeded\n", "no"),
        ("# result: 11 Administrative limit exceeded\n", "no"),
        ("# numEntries: 1000\n", "no"),
        ("# pagedresults: cookie=AbC\n", "no"),
        ("# pagedresults: cookie=AbC\n# pagedresults: cookie=\n", "yes"),
    ],
)
def test_a_search_says_how_it_ended(landing, ending, whole):
    landing.put("ad.ldif", LDIF + ending)
    assert complete(landing)["ad.ldif"][0] == whole
    assert landing.register()["ad.ldif"][:3] == ("directory_users", "loaded", 1)


@pytest.mark.parametrize(
    ("manifest", "whole"),
    [
        ("", "yes"),
        ("complete: no\n", "no"),
        ("filters: Department = BIM\n", "no"),
        ("filters: Department = BIM\ncomplete: yes\n", "yes"),
        ("filters: all\n", "yes"),
        ("filters: [Team; All, 'Period: October 2026']\n", "yes"),
        ("filters:\n  Team: Office\n", "no"),
        ("filters: 2025-11-01 to 2026-10-31\n", "yes"),
    ],
)
def test_the_manifest_says_what_was_filtered_and_decides(landing, manifest, whole):
    landing.put("hr.csv", HR)
    landing.put("_manifest.yml", manifest.replace("Team; All", "'Team: All'"))
    assert complete(landing)["hr.csv"][0] == whole


def test_complete_is_kept_as_yes_or_no_in_the_record(landing):
    landing.put("hr.csv", HR)
    landing.put("hr.csv.manifest.yml", "complete: true\n")
    landing.load()
    assert json.loads(landing.con.execute("select manifest from raw.file_register").fetchall()[0][0]) == {
        "complete": "yes"
    }


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("teem: Office\n", "'teem', which is not known; known are input, team"),
        ("complete: perhaps\n", "yes or no is expected"),
        ("encoding: klingon\n", "'klingon'"),
        ("timezone: Mars/Olympus\n", "'Mars/Olympus'"),
        ("date_order: dym\n", "date_order: dym"),
    ],
)
def test_what_a_manifest_says_in_vain_is_told(landing, manifest, words):
    landing.put("hr.csv", HR)
    landing.put("_manifest.yml", manifest)
    landing.load()
    assert words in landing.register()["hr.csv"][7]


@pytest.mark.parametrize("value", ["All", "alle Teams", "(tous)", "Todos", "tutti", "none", "keine", "", "すべて"])
def test_a_value_that_leaves_nothing_out_is_no_filter(value):
    assert narrowing_filter({"Team": value}) == ""
    assert narrowing_block(f"Filter,Value\nTeam,{value}\n") == ""


@pytest.mark.parametrize(
    "value",
    [
        "2026-10-01 - 2026-10-31",
        "01.10.2026 bis 31.10.2026",
        "Last 12 months",
        "October 2026",
        "Q3 2026",
        "letzte 12 Monate",
        "2026-11-03 08:30",
        "Oct 1, 2026 – Oct 31, 2026",
        "du 1 octobre 2026 au 31 octobre 2026",
    ],
)
def test_a_period_or_a_date_is_no_filter(value):
    assert narrowing_filter(value) == ""
    assert narrowing_block(f'Filter,"{value}"\n') == ""


@pytest.mark.parametrize("value", ["Office", "AutoCAD", "active", "Department = BIM", "Autodesk 2026"])
def test_any_other_value_is_one(value):
    assert value in narrowing_filter(value)
    assert value in narrowing_block(f"Exportdatum,2026-10-03\nFilter,{value}\n")


def test_lines_above_a_header_are_filters_only_where_they_say_so():
    assert narrowing_title([["Usage report"], ["Company", "Firm"], ["Range", "2025-11-01 to 2026-10-31"]]) == ""
    assert narrowing_title([["Report"], ["Filter", "Team Office"]]) == "Filter: Team Office"
    assert narrowing_title([["Filters"], ["Team", "Office"]]) == "Team: Office"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=9) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
)
def test_anything_may_stand_under_filters_and_in_an_answer(tree):
    narrowing_filter(tree)
    page_of({"value": [1], "next": tree, "page": tree, "total_results": tree, "meta": tree})
    page_of(tree)


def test_a_total_that_is_no_number_is_passed_over_and_the_next_one_counts():
    page = page_of({"@odata.count": "many", "totalResults": "7", "value": [{"id": "1"}]})
    assert page is not None and page.total == 7


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Filter Office", "Filter Office"),
        ("Applied filters Office", "Applied filters Office"),
        ("Filters", ""),
        ("Filter all", ""),
        ("Report of Office", ""),
    ],
)
def test_a_line_without_a_value_of_its_own_names_a_filter_where_more_than_that_word_is_in_it(line: str, found: str):
    assert narrowing_block(line) == narrowing_title([[line]]) == found
