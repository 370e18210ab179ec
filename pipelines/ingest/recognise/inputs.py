"""Which input a header belongs to: pure functions over header texts and the alias table. Reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipelines.contracts import INPUTS, REFERENCE, Contract, Form, Kind
from pipelines.contracts.aliases import aliases, fold, fold_header
from pipelines.ingest.recognise.linked import Linked, linked_header

# Headers that every kind of list has: alone they say nothing.
COMMON = {"id", "status", "type", "name"}
# Columns of an input that lists of other things have too: addresses of a newsletter, approvals of employees. Beside
# columns that nobody knows they are too little to be sure.
ANY_LIST = {
    "users": frozenset({"email", "first_name", "last_name"}),
    "hr_workers": frozenset({"employee_id", "status"}),
}
# Where two inputs explain a header equally well the earlier one is meant. What has no header is not looked for.
ORDER = (*(n for n, c in INPUTS.items() if c.form is Form.TABLE), *REFERENCE)


@dataclass(frozen=True)
class Match:
    """A header read as an input: canonical column → position in the header; generation; headers that no column
    explains.

    inverse: boolean columns of which the header says the opposite. linked: the table is one of several that explain
    each other; its columns are not yet those of the contract.
    """

    contract: Contract
    positions: dict[str, int]
    generation: str
    extra: dict[str, int] = field(default_factory=dict)
    inverse: frozenset[str] = frozenset()
    linked: Linked | None = None


def contract_of(name: str) -> Contract | None:
    """The contract of an input or reference table by its name."""
    return INPUTS.get(name) or REFERENCE.get(name)


def match_header(header: Sequence[str], contract: Contract) -> Match | None:
    """Read the header as this contract, or None if a required column (or every column of an any_of group) is absent."""
    folded = [fold_header(h) for h in header]
    known = set(folded)
    positions: dict[str, int] = {}
    generations: list[str] = []
    inverse: set[str] = set()
    for position, name in enumerate(folded):
        if name in contract.column_names and name not in positions:
            positions[name] = position
    taken = set(positions.values())
    for alias in aliases().get(contract.name, ()):
        if alias.column in positions or alias.alias not in known:
            continue
        position = folded.index(alias.alias)
        if position not in taken:
            positions[alias.column] = position
            taken.add(position)
            generations.append(alias.generation)
            if alias.is_inverse:
                inverse.add(alias.column)
    for column, name, others in contract.guarded:
        if column not in positions and name in known and all(o in positions for o in others):
            positions[column] = folded.index(name)
            taken.add(positions[column])
    for column, generation, other in contract.fallback:
        if column not in positions and other in positions and generation in generations:
            positions[column] = positions[other]
    if any(c not in positions for c in contract.required):
        return None
    if any(not any(c in positions for c in group) for group in contract.any_of):
        return None
    extra = {header[i]: i for i in range(len(header)) if i not in taken and header[i].strip()}
    return Match(contract, positions, _generation(header, generations, contract), extra, frozenset(inverse))


def _generation(header: Sequence[str], from_aliases: Sequence[str], contract: Contract) -> str:
    if from_aliases:
        return max(sorted(set(from_aliases)), key=list(from_aliases).count)
    if contract.section in {"", "outside"} or contract.kind is Kind.REFERENCE:
        return "project"
    # Without an alias only the style of writing tells: sentence case (G2, and groups, seats, tokens of G3) or snake
    # case.
    return "G2" if any(" " in h or h[:1].isupper() for h in header) else "G3"


def recognise(header: Sequence[str], prefer_reference: bool = False, named: str | None = None) -> Match | None:
    """The input that explains most columns of the header; None if none does.

    named: the input that a manifest names; it is then the only candidate. prefer_reference: the file lies in the
    reference folder. A single explained column among several is no recognition: many lists have an e-mail column, many
    an id and a status.
    """
    linked = linked_header(header) if named in (None, "hub_members") else None
    if linked is not None:
        return match_linked(linked)
    names: Iterable[str] = [named] if named else ORDER
    best: tuple[tuple[int, int, int, int], Match] | None = None
    for place, name in enumerate(names):
        contract = contract_of(name)
        match = match_header(header, contract) if contract and contract.form is Form.TABLE else None
        if match is None:
            continue
        explained = len(set(match.positions.values()))
        said = {fold_header(header[position]) for position in match.positions.values()}
        if not named and match.extra and (explained < 2 or said <= COMMON or _says_little(match)):
            continue
        is_reference = match.contract.kind is Kind.REFERENCE
        score = (explained, int(is_reference == prefer_reference), len(match.contract.required), -place)
        if best is None or score > best[0]:
            best = (score, match)
    return best[1] if best else None


def _says_little(match: Match) -> bool:
    """Whether the columns that are explained are those that lists of other things have too."""
    return match.positions.keys() <= ANY_LIST.get(match.contract.name, frozenset())


def match_linked(linked: Linked) -> Match:
    """A table that others explain, as the input that its rows will be of; one that only explains others as that of the
    others.
    """
    generation = linked.form.partition(":")[0].lower().replace(" ", "_")
    return Match(INPUTS[linked.input or "hub_members"], {}, generation, linked=linked)


def match_nameless_group(header: Sequence[str]) -> Match | None:
    """The header of a group's members that does not say which group, as directory_group_members with the group in a
    column after the last.

    Entra's "Download members" and what Get-ADGroupMember writes are such files: who saved them gave them the group's
    name.
    """
    folded = {fold(h) for h in header}
    match = match_header([*header, "group_name"], INPUTS["directory_group_members"])
    if match is None or match.positions.get("group_name") != len(header):
        return None
    entra = {"member_id", "user_principal_name", "member_type"} <= set(match.positions)
    active_directory = {"distinguishedname", "objectclass", "objectguid", "samaccountname"} <= folded
    return match if entra or (active_directory and "enabled" not in folded) else None
