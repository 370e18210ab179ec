"""The smallest edit of a group's predicate that keeps everybody who must stay and admits nobody who can go ("fix the
rule, not the user").

Who must stay: members the predicate means, and members who use what the group grants. Who can go: members it does not
mean, who do not use it. An edit is any number of: one value added to a list or an equality of the predicate, one value
taken out of a list, one more alternative `or (…)` of up to three comparisons (`=`, `<>`) over department, legal entity,
country, cost centre and worker type (all five where three do not tell people apart). Each value and each comparison
counts 1, and so does every whole tenth of the kinds of people outside the group, not meant either, whom the edit would
newly let in: a short edit that opens the group to half the company is not small. In this order: nobody who must stay is
lost; as few as possible of those who can go are admitted; the edit is as small as possible; the shorter text decides.
An edit that lets in more persons than it shuts out is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.reference.predicate import COLUMNS, parse

EDIT_COLUMNS = ("department", "legal_entity", "country", "cost_centre", "worker_type")
MAX_COMPARISONS = 3
MAX_INNER_EDITS = 2
LET_IN_PARTS = 10
# Beyond these the answer is still lawful, but no longer proven the smallest.
MAX_VARIANTS = 600
MAX_ATOMS = 60
MAX_TERMS = 1_500
MAX_STEPS = 20_000
_LITERAL = r"'(?:[^']|'')*'"
_TOKEN = re.compile(rf"{_LITERAL}|<>|!=|=|\(|\)|,|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?")


# Cells lost, persons who can go and are admitted, size of the edit with what it lets in, the edit alone, kinds of
# people newly let in.
_Score = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Member:
    """A member of the group with an HR record: the attributes a predicate may name; must_stay and can_go exclude each
    other.
    """

    attributes: Mapping[str, str | None]
    must_stay: bool
    can_go: bool
    has_seat: bool = True
    is_active: bool = False

    def __post_init__(self) -> None:
        if self.must_stay and self.can_go:
            raise ValueError("a member who must stay cannot be one who can go")


@dataclass(frozen=True)
class Proposal:
    """predicate: the edited text (None: nobody must stay and nothing was said before). edits: the number of values and
    comparisons added or taken out.

    freed, seats_freed: those who can go and are not admitted, and how many of them hold a seat. active_hit: active
    members it would shut out (0 by construction). kept_with_them: those who can go but look to a predicate like
    somebody who must stay. let_in: kinds of people (equal attributes) outside the group whom the edit would newly
    admit, persons_let_in: how many persons they are. is_smallest: proven, not only lawful. helps is false where every
    edit would let in more persons than it shuts out: the predicate is then as it was, and nobody is freed.
    """

    predicate: str | None
    edits: int
    freed: int
    seats_freed: int
    active_hit: int
    kept_with_them: int
    let_in: int
    is_smallest: bool
    persons_let_in: int = 0
    helps: bool = True


@dataclass(frozen=True, order=True)
class _Term:
    """An alternative: its comparisons as text, the cells of those who must stay and the persons who can go (bits) that
    it admits.
    """

    cost: int
    negations: int
    text: str
    stay: int = field(compare=False)
    go: int = field(compare=False)


@dataclass(frozen=True, order=True)
class _Variant:
    """The old predicate with changed lists: the cells and the persons who can go that it admits."""

    cost: int
    text: str
    admitted: int = field(compare=False)
    go: int = field(compare=False)


class _Cells:
    """Kinds of people (equal attributes) as one bit each; those who can go also as one bit each, below the bits of the
    kinds that are no members.
    """

    def __init__(
        self,
        members: Sequence[Member],
        others: Sequence[Mapping[str, str | None]],
        before: str,
        persons: Sequence[int] = (),
    ) -> None:
        named = {t.lower() for t in _TOKEN.findall(before)}
        columns = [c for c in COLUMNS if c in EDIT_COLUMNS or c in named]
        node = parse(before) if before else None
        counted = list(zip(others, persons or [1] * len(others), strict=True))
        outside = [(o, n) for o, n in counted if node is None or node({c: o.get(c) for c in COLUMNS}) is not True]
        keys = sorted(
            {
                tuple(row.get(c) for c in columns)
                for row in [*(m.attributes for m in members), *(o for o, _ in outside)]
            },
            key=lambda k: [(v is None, v or "") for v in k],
        )
        place = {k: i for i, k in enumerate(keys)}
        nothing: dict[str, str | None] = dict.fromkeys(COLUMNS)
        self.rows = [nothing | dict(zip(columns, k, strict=True)) for k in keys]
        self.stay = 0
        self.people = len(members)
        self.persons = [0] * len(keys)
        for number, m in enumerate(members):
            cell = place[tuple(m.attributes.get(c) for c in columns)]
            if m.must_stay:
                self.stay |= 1 << cell
            if m.can_go:
                self.persons[cell] |= 1 << number
        self.can_go = sum(m.can_go for m in members)
        self.outsiders = [0] * len(keys)
        for row, number in outside:
            cell = place[tuple(row.get(c) for c in columns)]
            self.persons[cell] |= 1 << (self.people + cell)
            self.outsiders[cell] += number
        self.kinds_outside = sum(1 for number in self.outsiders if number)
        # The numbers of persons in binary, a set of kinds per digit: the search asks for their sum millions of times.
        digits = max(self.outsiders, default=0).bit_length()
        self.digits = [sum(1 << c for c, n in enumerate(self.outsiders) if n >> d & 1) for d in range(digits)]

    def admitted_by(self, text: str) -> int:
        """Cells for which the predicate is true."""
        node = parse(text)
        return sum(1 << i for i, row in enumerate(self.rows) if node(row) is True)

    def go(self, cells: int) -> int:
        """Those in these cells who should not be admitted: persons who can go, and kinds of people who are no
        members.
        """
        found = 0
        for i, persons in enumerate(self.persons):
            if cells >> i & 1:
                found |= persons
        return found

    def persons_let_in(self, go: int) -> int:
        """How many persons outside the group these let in."""
        new = go >> self.people
        return sum((new & kinds).bit_count() << digit for digit, kinds in enumerate(self.digits))

    def is_lawful(self, go: int) -> bool:
        """Whether no more persons are let in than shut out. What is not stays so when more is admitted."""
        new = go >> self.people
        kinds = new.bit_count()
        shut_out = self.can_go - (go.bit_count() - kinds)
        # A kind of people is one person at least, which decides most of the times that the search asks.
        return not new or (kinds <= shut_out and self.persons_let_in(go) <= shut_out)

    def score(self, lost: int, go: int, edits: int) -> _Score:
        """What is compared; it only grows when more is admitted or edited."""
        new = (go >> self.people).bit_count()
        return lost, go.bit_count() - new, edits + LET_IN_PARTS * new // max(self.kinds_outside, 1), edits, new


@dataclass
class _Work:
    """How many steps of the search are left, and whether everything that matters was tried."""

    steps: int = MAX_STEPS
    proven: bool = True


def propose(
    intended: str | None,
    members: Sequence[Member],
    others: Sequence[Mapping[str, str | None]] = (),
    persons: Sequence[int] = (),
) -> Proposal:
    """The smallest edit of `intended` (None or empty: nothing is said yet) for these members.

    others: attributes of people who are no members; those whom `intended` means may come in. persons: how many each of
    them stands for (one, if not given). Raises PredicateError if `intended` cannot be read.
    """
    before = (intended or "").strip()
    cells = _Cells(members, others, before, persons)
    work = _Work()
    variants = _variants(before, cells, work) if before else [_Variant(0, "", 0, 0)]
    as_it_is = variants[0]
    if not cells.stay & ~as_it_is.admitted and not as_it_is.go:
        return _proposal(before or None, 0, 0, members, True)
    terms = _terms(cells, work)
    best: tuple[_Score, int, str] | None = None
    for variant in variants:
        missing = cells.stay & ~variant.admitted
        # The bound: what the variant admits already, and at least one comparison if somebody is missing.
        if best is not None and cells.score(0, variant.go, variant.cost + bool(missing)) > best[0]:
            continue
        for score, chosen in _covers(cells, terms, missing, variant, best[0] if best else None, work):
            text = _text(variant.text, chosen)
            found = (score, len(text), text)
            if best is None or found < best:
                best = found
    if best is None:
        kept = sum(m.can_go for m in members)
        return Proposal(before or None, 0, 0, 0, 0, kept, 0, work.proven, helps=False)
    (_, _, _, edits, let_in), _, text = best
    proposal = _proposal(text or None, edits, let_in, members, work.proven)
    admitted = cells.admitted_by(text) if text else 0
    return replace(proposal, persons_let_in=cells.persons_let_in(cells.go(admitted)))


def _proposal(text: str | None, edits: int, let_in: int, members: Sequence[Member], proven: bool) -> Proposal:
    node = parse(text) if text else None
    freed = seats = hit = kept = 0
    for m in members:
        row = {c: m.attributes.get(c) for c in COLUMNS}
        admitted = node is not None and node(row) is True
        if m.can_go:
            freed += not admitted
            seats += (not admitted) and m.has_seat
            kept += admitted
        elif m.must_stay and not admitted:
            hit += m.is_active
    return Proposal(text, edits, freed, seats, hit, kept, let_in, proven)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _terms(cells: _Cells, work: _Work) -> list[_Term]:
    """Alternatives that admit somebody who must stay, cheapest first; of those that admit the same only the first."""
    atoms: list[tuple[str, int, int]] = []
    for operator in ("=", "<>"):
        for column in EDIT_COLUMNS:
            for value in sorted({v for row in cells.rows if (v := row[column]) is not None}):
                bits = cells.admitted_by(f"{column} {operator} {_quoted(value)}")
                if bits & cells.stay:
                    atoms.append((f"{column} {operator} {_quoted(value)}", bits, operator == "<>"))
    if len(atoms) > MAX_ATOMS:
        # Many values: only comparisons by equality.
        atoms = [a for a in atoms if not a[2]]
        work.proven = False
    best: dict[tuple[int, int], _Term] = {}

    def offer(term: _Term) -> None:
        key = (term.stay, term.go)
        if key not in best or term < best[key]:
            best[key] = term

    masks = [(name, bits, cells.go(bits), negated) for name, bits, negated in atoms]
    everybody = (1 << len(cells.rows)) - 1
    layer: list[tuple[int, str, int, int, int]] = [(-1, "", everybody, cells.go(everybody), 0)]
    for cost in range(1, MAX_COMPARISONS + 1):
        following = []
        for last, text, bits, go, negations in layer:
            for number in range(last + 1, len(masks)):
                name, mine, my_go, negated = masks[number]
                both = bits & mine
                # A comparison that shuts nobody out who can go is wasted.
                if not both & cells.stay or (cost > 1 and go & my_go == go):
                    continue
                term = _Term(
                    cost, negations + negated, f"{text} and {name}" if text else name, both & cells.stay, go & my_go
                )
                offer(term)
                if term.go:
                    following.append((number, term.text, both, term.go, term.negations))
        layer = following
    # Where three comparisons do not tell two cells apart, all columns together are as far as a predicate can go.
    for i, row in enumerate(cells.rows):
        named = [f"{c} = {_quoted(v)}" for c in EDIT_COLUMNS if (v := row[c]) is not None]
        if cells.stay >> i & 1 and named:
            text = " and ".join(named)
            bits = cells.admitted_by(text)
            offer(_Term(len(named), 0, text, bits & cells.stay, cells.go(bits)))
    return _undominated(list(best.values()), work)


def _undominated(terms: list[_Term], work: _Work) -> list[_Term]:
    """Without alternatives for which another admits at least the same who must stay, nobody more who can go, and is not
    dearer.
    """
    kept: list[_Term] = []
    for term in sorted(terms):
        if not any(term.stay & ~k.stay == 0 and k.go & ~term.go == 0 for k in kept):
            kept.append(term)
        if len(kept) >= MAX_TERMS:
            # The full description of each cell stays possible.
            work.proven = False
            return kept + [t for t in terms if t.cost > MAX_COMPARISONS]
    return kept


def _covers(
    cells: _Cells, terms: Sequence[_Term], missing: int, variant: _Variant, limit: _Score | None, work: _Work
) -> Iterator[tuple[_Score, list[_Term]]]:
    """Better and better sets of alternatives that admit all who are missing, none worse than `limit`: branch and bound
    over the cell with the fewest.
    """
    by_cell = {1 << i: [t for t in terms if t.stay >> i & 1] for i in range(missing.bit_length()) if missing >> i & 1}
    by_cell = {bit: found for bit, found in by_cell.items() if found}
    # Somebody without any attribute cannot be named.
    lost = (missing & ~sum(by_cell)).bit_count()
    # What lets too many in by itself does so beside others too.
    lawful = {bit: [t for t in found if cells.is_lawful(variant.go | t.go)] for bit, found in by_cell.items()}
    best = [limit]

    def visit(open_cells: int, go: int, cost: int, chosen: list[_Term]) -> Iterator[tuple[_Score, list[_Term]]]:
        """Go on from a lawful partial choice; branches that cannot be better are left."""
        mine = cells.score(lost, go, cost)
        if not open_cells:
            if best[0] is None or mine <= best[0]:
                best[0] = mine
                yield mine, list(chosen)
            return
        # Twice the steps where nothing lawful was found yet.
        if work.steps <= (0 if best[0] is not None else -MAX_STEPS):
            work.proven = False
            return
        work.steps -= 1
        if best[0] is not None and cells.score(lost, go, cost + 1) > best[0]:
            return
        cell = min((b for b in by_cell if open_cells & b), key=lambda b: (len(by_cell[b]), b))
        # Most alternatives let too many in: they are left out before the others are put in order.
        options = sorted(
            (t for t in lawful[cell] if cells.is_lawful(go | t.go)),
            key=lambda t: (cells.score(0, go | t.go, t.cost), -(t.stay & open_cells).bit_count(), t),
        )
        for term in options:
            yield from visit(open_cells & ~term.stay, go | term.go, cost + term.cost, [*chosen, term])

    if cells.is_lawful(variant.go):
        yield from visit(sum(by_cell), variant.go, variant.cost, [])


def _variants(text: str, cells: _Cells, work: _Work) -> list[_Variant]:
    """The predicate as it is, first, and with up to two changed lists; of those that admit the same only the
    cheapest.
    """
    best: dict[int, _Variant] = {}
    texts = {text}
    seen = {text}
    for cost in range(MAX_INNER_EDITS + 1):
        for one in sorted(texts):
            admitted = cells.admitted_by(one)
            best.setdefault(admitted, _Variant(cost, one, admitted, cells.go(admitted)))
        if cost < MAX_INNER_EDITS:
            following = {changed for one in texts for changed in _changed(one, cells)} - seen
            room = MAX_VARIANTS - len(seen)
            work.proven = work.proven and len(following) <= room
            texts = set(sorted(following)[: max(room, 0)])
            seen |= texts
    return sorted(best.values())


def _changed(text: str, cells: _Cells) -> Iterator[str]:
    """The text with one value added to, or taken out of, one of its lists (or equalities that become lists)."""
    tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    for i, (token, _, end) in enumerate(tokens):
        column = token.lower()
        if column not in EDIT_COLUMNS or i + 2 >= len(tokens):
            continue
        values = sorted({v for row in cells.rows if (v := row[column]) is not None})
        after = i + 1 + (tokens[i + 1][0].lower() == "not")
        operator = tokens[after][0].lower()
        if operator == "=" and after == i + 1:
            literal, _, stop = tokens[after + 1]
            for value in values:
                if _quoted(value) != literal:
                    yield f"{text[:end]} in ({literal}, {_quoted(value)}){text[stop:]}"
        elif operator == "in":
            close = next(j for j in range(after, len(tokens)) if tokens[j][0] == ")")
            listed = [tokens[j][0] for j in range(after + 2, close, 2)]
            start, stop = tokens[after + 1][1], tokens[close][2]
            for value in values:
                if _quoted(value) not in listed:
                    yield f"{text[:start]}({', '.join([*listed, _quoted(value)])}){text[stop:]}"
            for out in listed if len(listed) > 1 else []:
                yield f"{text[:start]}({', '.join(v for v in listed if v != out)}){text[stop:]}"


def _text(base: str, terms: Sequence[_Term]) -> str:
    """The predicate as text: what was there, then the alternatives; equalities of one column become one list."""
    lists: dict[str, list[str]] = {}
    others = []
    for term in sorted(terms, key=lambda t: t.text):
        single = re.fullmatch(rf"([a-z_]+) = ({_LITERAL})", term.text)
        if single:
            lists.setdefault(single[1], []).append(single[2])
        else:
            others.append(term.text if term.cost == 1 else f"({term.text})")
    parts = [f"{c} = {v[0]}" if len(v) == 1 else f"{c} in ({', '.join(v)})" for c, v in sorted(lists.items())] + others
    if not base:
        return " or ".join(parts)
    return " or ".join([f"({base})" if parts else base, *parts])
