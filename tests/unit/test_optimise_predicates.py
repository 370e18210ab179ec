"""The smallest edit of a group's predicate: equal to trying everything on small cases, and lawful on all of them."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.optimise.predicate_edit import EDIT_COLUMNS, MAX_COMPARISONS, Member, _Cells, _changed, propose
from pipelines.reference.predicate import COLUMNS, PredicateError, parse


def member(stay=False, go=False, seat=True, active=False, **attributes):
    return Member({c: attributes.get(c) for c in COLUMNS}, stay, go, seat, active)


def brute_force(intended, members, others=()):
    """(who can go and is admitted, edits with the tenths let in, edits) of the best edit, by trying every combination
    of changed lists and of up to three alternatives.

    None where every edit lets in more persons than it shuts out.
    """
    meant = parse(intended) if intended else lambda row: False
    kinds = Counter(tuple(o.items()) for o in others if meant(o) is not True)
    named_kinds = sorted(kinds, key=str)
    rows = [{c: m.attributes.get(c) for c in COLUMNS} for m in members] + [dict(k) for k in named_kinds]

    def admitted(text):
        node = parse(text)
        return frozenset(i for i, row in enumerate(rows) if node(row) is True)

    starts = {frozenset(): 0} if not intended else {}
    texts = {intended} if intended else set()
    for cost in range(3):
        for text in texts:
            starts.setdefault(admitted(text), cost)
        texts = {new for text in texts for new in _changed(text, _Cells(members, others, intended))}
    atoms = [
        f"{c} {o} '{v}'"
        for c in EDIT_COLUMNS
        for v in sorted({r[c] for r in rows if r[c] is not None})
        for o in ("=", "<>")
    ]
    terms = {}
    named = [" and ".join(f"{c} = '{r[c]}'" for c in EDIT_COLUMNS if r[c] is not None) for r in rows]
    for text in [" and ".join(t) for n in range(1, MAX_COMPARISONS + 1) for t in combinations(atoms, n)] + [
        n for n in named if n
    ]:
        bits, cost = admitted(text), text.count(" and ") + 1
        terms[bits] = min(cost, terms.get(bits, cost))
    stay = {i for i, m in enumerate(members) if m.must_stay}
    go = {i for i, m in enumerate(members) if m.can_go}
    new = set(range(len(members), len(rows)))
    nameable = frozenset().union(*terms, *starts) if terms or starts else frozenset()
    best = None
    for start, cost in starts.items():
        for number in range(4):
            for chosen in combinations(terms, number):
                everybody = start.union(*chosen)
                let_in = sum(kinds[named_kinds[i - len(members)]] for i in new & everybody)
                if stay & nameable <= everybody and let_in <= len(go - everybody):
                    edits = cost + sum(terms[c] for c in chosen)
                    found = (len(go & everybody), edits + 10 * len(new & everybody) // max(len(new), 1), edits)
                    best = found if best is None else min(best, found)
    return best


values = {"department": ("BIM", "Rail"), "country": ("DE", "FR"), "legal_entity": ("X", None)}
people = st.lists(
    st.tuples(*(st.sampled_from(v) for v in values.values()), st.sampled_from(("stay", "go", "either", "other"))),
    min_size=1,
    max_size=5,
)
predicates = st.sampled_from(
    [
        None,
        "department = 'BIM'",
        "department in ('BIM', 'Roads') and country = 'DE'",
        "department not in ('Rail', 'BIM')",
        "not country = 'DE'",
    ]
)


@settings(max_examples=150, deadline=None)
@given(predicates, people)
def test_the_edit_is_as_small_as_the_best_of_all_edits(intended, drawn):
    members = [
        member(what == "stay", what == "go", department=d, country=c, legal_entity=e)
        for d, c, e, what in drawn
        if what != "other"
    ]
    others = [
        dict.fromkeys(COLUMNS) | {"department": d, "country": c, "legal_entity": e}
        for d, c, e, what in drawn
        if what == "other"
    ]
    found = propose(intended, members, others)
    meant = parse(intended) if intended else lambda row: False
    kinds = len({tuple(o.items()) for o in others if meant(o) is not True})
    size = found.edits + 10 * found.let_in // max(kinds, 1)
    best = brute_force(intended, members, others)
    assert found.helps == (best is not None)
    assert (found.kept_with_them, size, found.edits) == (best or (sum(m.can_go for m in members), 0, 0))
    assert found.is_smallest
    assert found.persons_let_in <= found.freed


@settings(max_examples=200, deadline=None)
@given(
    predicates,
    st.lists(
        st.tuples(
            *(st.sampled_from(("A", "B", "C", "it''s", None)) for _ in EDIT_COLUMNS),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=40,
    ),
)
def test_what_is_proposed_can_be_read_and_says_of_itself_what_is_true(intended, drawn):
    members = [
        member(stay, go and not stay, seat, stay, **dict(zip(EDIT_COLUMNS, row, strict=True)))
        for *row, stay, go, seat in drawn
    ]
    found = propose(intended, members)
    node = parse(found.predicate) if found.predicate else lambda row: False
    inside = [node(m.attributes) is True for m in members]
    assert found.freed == sum(m.can_go and not i for m, i in zip(members, inside, strict=True))
    assert found.seats_freed == sum(m.can_go and m.has_seat and not i for m, i in zip(members, inside, strict=True))
    lost = [m for m, i in zip(members, inside, strict=True) if m.must_stay and not i]
    assert all(m.attributes[c] is None for m in lost for c in EDIT_COLUMNS)
    assert found.active_hit == len(lost)


def test_a_predicate_that_loses_nobody_stays_as_it_is():
    members = [
        member(stay=True, department="BIM"),
        member(go=True, department="Rail"),
        member(go=True, seat=False, department="Rail"),
    ]
    found = propose("department = 'BIM'", members)
    assert (found.predicate, found.edits, found.freed, found.seats_freed) == ("department = 'BIM'", 0, 2, 1)


def test_an_active_department_is_added_to_the_list_when_that_admits_nobody_else():
    members = [
        member(stay=True, department="BIM", country="DE"),
        member(stay=True, active=True, department="Rail", country="DE"),
        member(go=True, department="Rail", country="FR"),
        member(go=True, department="Roads", country="DE"),
    ]
    found = propose("department = 'BIM' and country = 'DE'", members)
    assert found.predicate == "department in ('BIM', 'Rail') and country = 'DE'"
    assert (found.edits, found.freed, found.active_hit) == (1, 2, 0)


def test_an_edit_that_opens_the_group_to_many_others_is_not_small():
    members = [member(stay=True, department="BIM", country="DE"), *(member(go=True, department="HR") for _ in range(3))]
    members += [member(stay=True, active=True, department=d, country="DE") for d in ("Rail", "Roads")]
    others = [member(department=d, country="DE").attributes for d in ("Sales", "Legal", "People")]
    assert propose("department = 'BIM'", members).edits == 1
    found = propose("department = 'BIM'", members, others)
    assert (found.predicate, found.edits, found.let_in) == (
        "department in ('BIM', 'Rail', 'Roads')",
        2,
        0,
    )


def test_an_edit_never_lets_in_more_persons_than_it_shuts_out():
    members = [
        member(stay=True, department="BIM"),
        member(stay=True, active=True, department="Rail"),
        member(go=True, department="Roads"),
    ]
    rail = [member(department="Rail").attributes]
    one = propose("department = 'BIM'", members, rail, [1])
    assert (one.predicate, one.freed, one.persons_let_in) == ("department in ('BIM', 'Rail')", 1, 1)
    two = propose("department = 'BIM'", members, rail, [2])
    assert (two.predicate, two.helps, two.freed, two.seats_freed, two.active_hit, two.kept_with_them) == (
        "department = 'BIM'",
        False,
        0,
        0,
        0,
        1,
    )


def test_who_looks_like_somebody_who_must_stay_is_kept_and_counted():
    members = [member(stay=True, active=True, department="Rail"), member(go=True, department="Rail")]
    found = propose("department = 'BIM'", members)
    assert (found.freed, found.kept_with_them, found.active_hit) == (0, 1, 0)


def test_without_a_predicate_the_smallest_that_divides_them_is_proposed():
    members = [member(stay=True, department=d, legal_entity="Old") for d in ("A", "B", "C", "D")]
    members += [member(go=True, department=d, legal_entity="New") for d in ("A", "B")]
    assert propose(None, members).predicate == "legal_entity = 'Old'"


def test_without_anybody_who_must_stay_there_is_nothing_to_say():
    found = propose(None, [member(go=True, department="A")])
    assert (found.predicate, found.freed) == (None, 1)


def test_three_hundred_kinds_of_people_are_solved_lawfully_in_bounded_work():
    members = [
        member(
            stay=(i * 7) % 3 == 0,
            go=(i * 7) % 3 != 0,
            department=f"D{i % 30}",
            country=f"C{i % 7}",
            cost_centre=f"K{i % 53}",
        )
        for i in range(300)
    ]
    found = propose("department = 'D1'", members)
    assert (found.kept_with_them, found.freed) == (0, 200)


def test_a_predicate_that_cannot_be_read_is_refused():
    with pytest.raises(PredicateError):
        propose("department ==", [member(stay=True, department="A")])
