"""Whether what is published is what was signed: whatever is changed, taken away, added, put back or led elsewhere in a
signed data folder is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.publish.publications import GENESIS as NO_ENTRY
from pipelines.publish.publications import Entry
from pipelines.publish.seals import stamps
from pipelines.publish.seals.check import Outcome, check_chain, check_seals
from pipelines.publish.seals.keys import fingerprint
from pipelines.publish.seals.listing import as_text, hashes
from pipelines.publish.seals.memory import Memory
from pipelines.publish.seals.statements import (
    GENESIS,
    STAMP,
    Statement,
    companion,
    list_path,
    path_of,
    sign_off_path,
    sign_off_statement,
    sign_offs,
    write_list,
    write_signature,
    write_signed,
    write_stamp,
)

ROW = {"activity": "user_activity_audit", "period": "2026-10", "by": "Ada Example", "at": "2026-11-05T09:30:00Z"}
KEY = Ed25519PrivateKey.generate()


def chain_of(length: int) -> list[Entry]:
    chain: list[Entry] = []
    for place in range(1, length + 1):
        before = chain[-1].entry_hash if chain else NO_ENTRY
        hashes_of = ("", "", "", "", "", "", "selfaudit 0", before)
        chain.append(Entry(place, "2026-10", "findings", place, 0, 0, 0, 0, "first", *hashes_of).sealed())
    return chain


CHAIN = chain_of(3)


class Signed:
    """A data folder with two statements, a pack and a sign-off."""

    def __init__(self, data: Path) -> None:
        self.data, self.published, self.scratch = data, data / "published", data / "warehouse" / "scratch"
        for name in ("published/index.html", "published/findings/a.parquet", "landing/2026-10/users.csv",
                     "landing/reference/prices.csv", "warehouse/selfaudit.duckdb"):  # fmt: skip
            path = data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        self.pack = self.published / "packs" / "2026-10.zip"
        self.pack.parent.mkdir()
        self.pack.write_bytes(b"pack")
        write_signature(self.pack, KEY, self.scratch)
        self.sign_off = sign_off_path(self.published, ROW["activity"], ROW["period"])
        write_signed(self.sign_off, sign_off_statement(ROW, False), KEY, self.scratch)
        self.shas: list[str] = []
        for number in (1, 2):
            self.sign(number)

    def sign(self, place: int, **more: object) -> None:
        """The statement at a place, of the folder as it is now."""
        listed = as_text(hashes(self.data))
        write_list(self.published, listed, self.scratch)
        before = self.shas[place - 2] if place > 1 else GENESIS
        made = Statement(
            place, before, place, CHAIN[place - 1].entry_hash, "2026-10", "2026-10", ("2026-10",),
            hashlib.sha256(listed).hexdigest(), 0, fingerprint(KEY.public_key()), "selfaudit 0",
            sign_offs(self.published),
        )  # fmt: skip
        content = replace(made, **more).as_bytes()  # type: ignore[arg-type]
        write_signed(path_of(self.published, place), content, KEY, self.scratch)
        self.shas[place - 1 :] = [hashlib.sha256(content).hexdigest()]

    def check(self, *rows: dict[str, str], memory: Memory | None = None) -> Outcome:
        return check_seals(self.data, KEY.public_key(), rows or [ROW], memory=memory)[0]


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    return Signed(tmp_path / "data")


def test_what_was_signed_and_left_alone_is_in_order(signed: Signed):
    outcome, good = check_seals(signed.data, KEY.public_key(), [ROW])
    assert (outcome.wrong, outcome.notes) == ([], [])
    assert [(s.number, sha) for s, sha in good] == list(enumerate(signed.shas, 1))
    remembered = Memory(number=2, sha256=signed.shas[1], sign_offs=sign_offs(signed.published))
    assert signed.check(memory=remembered).wrong == []


def other_list(signed: Signed) -> None:
    list_path(signed.published).write_bytes(as_text(hashes(signed.data)) + b"a" * 64 + b"  x\n")


def link(path: Callable[[Signed], Path]) -> Callable[[Signed], None]:
    """The file is led elsewhere, to the same bytes."""

    def change(signed: Signed) -> None:
        moved = signed.data.parent / "elsewhere"
        path(signed).rename(moved)
        path(signed).symlink_to(moved)

    return change


CHANGES: dict[str, tuple[Callable[[Signed], object], str]] = {
    "a published file is other": (lambda s: (s.published / "index.html").write_text("x"), "index.html was changed"),
    "a published file is gone": (lambda s: (s.published / "index.html").unlink(), "index.html was removed"),
    "a published file is new": (lambda s: (s.published / "more.csv").write_text("x"), "published/more.csv was added"),
    "the warehouse is other": (lambda s: (s.data / "warehouse/selfaudit.duckdb").write_text("x"), "duckdb was changed"),
    "a delivered file is other": (lambda s: (s.data / "landing/2026-10/users.csv").write_text("x"), "users.csv was ch"),
    "a delivered file is gone": (lambda s: (s.data / "landing/2026-10/users.csv").unlink(), "users.csv was removed"),
    "the list is other": (other_list, "is not the list of files of statement 2"),
    "the list is gone": (lambda s: list_path(s.published).unlink(), "is not the list of files of statement 2"),
    "the list is a link": (link(lambda s: list_path(s.published)), "is not the list of files of statement 2"),
    "a pack is other": (lambda s: s.pack.write_bytes(b"x"), "2026-10.zip does not match its signature"),
    "a signature is gone": (lambda s: companion(s.pack, ".sig").unlink(), "has no signature ("),
    "a signature is of another": (
        lambda s: companion(s.pack, ".sig").write_bytes(b"x"), "does not match its signature",
    ),
    "a pack is a link": (link(lambda s: s.pack), "is a symbolic link"),
    "a signature is a link": (link(lambda s: companion(s.pack, ".sig")), "is a symbolic link"),
    "the first statement is gone": (lambda s: path_of(s.published, 1).unlink(), "statement 1 is missing"),
    "a statement is other": (
        lambda s: path_of(s.published, 1).write_text("{}"), "000001.json does not match its signature",
    ),
    "a signed text is no statement": (
        lambda s: write_signed(path_of(s.published, 2), b"{}", KEY, s.scratch), "000002.json is not a statement",
    ),
    "a statement covers another": (lambda s: s.sign(2, previous_sha256="f" * 64), "does not follow the statement befo"),
    "a statement has another number": (lambda s: s.sign(2, number=3), "does not follow the statement before it"),
    "a statement names another key": (lambda s: s.sign(2, public_key="f" * 64), "000002.json names another key"),
    "no statement is there": (lambda s: [path_of(s.published, n).unlink() for n in (1, 2)], "seals is signed"),
    "a sign-off is other": (lambda s: s.sign_off.write_text("{}"), "does not match its signature"),
    "a sign-off is gone": (lambda s: s.sign_off.unlink(), "2026-10-user_activity_audit.json is missing"),
    "a sign-off is signed anew": (
        lambda s: write_signed(s.sign_off, sign_off_statement(ROW, True), KEY, s.scratch),
        "the signed sign-off 2026-10-user_activity_audit.json is missing or was replaced",
    ),
    "a sign-off that nobody made": (
        lambda s: write_signed(sign_off_path(s.published, "x", "2026-10"), b"{}", KEY, s.scratch),
        "2026-10-x.json: its sign-off is not in landing/reference/sign_offs.csv any more",
    ),
    "a sign-off that nobody signed": (
        lambda s: sign_off_path(s.published, "x", "2026-10").write_bytes(b"{}"), "2026-10-x.json has no signature",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_was_signed_is_found(signed: Signed, change: str):
    make, said = CHANGES[change]
    make(signed)
    wrong = signed.check().wrong
    assert any(said in sentence for sentence in wrong), wrong


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "by": "Eve"}, "the sign-off of user_activity_audit of 2026-10 differs from the one that was signed"),
        (
            {**ROW, "period": "2026-09"},
            "the sign-off of user_activity_audit of 2026-09: 2026-09-user_activity_audit.js",
        ),
    ],
)
def test_a_sign_off_of_another_name_or_without_a_signature_is_found(signed: Signed, row: dict[str, str], said: str):
    assert any(said in sentence for sentence in signed.check(row).wrong)
    assert any("is not in landing/reference" in s for s in signed.check(row).wrong) == (row["period"] == "2026-09")


def test_files_that_were_delivered_since_are_no_fault_and_are_told(signed: Signed):
    (signed.data / "landing/2026-11").mkdir()
    (signed.data / "landing/2026-11/users.csv").write_text("x")
    (signed.data / "landing/reference/prices.csv").write_text("x")
    outcome = signed.check()
    assert outcome.wrong == []
    assert outcome.notes == [
        "landing/2026-11/users.csv was added after the last run; the next one loads it",
        "landing/reference/prices.csv was changed after the last run; the next one loads it",
    ]


def test_an_older_folder_put_back_is_found_by_what_the_signing_account_remembers(signed: Signed):
    newer = Memory(number=3, sha256="f" * 64)
    assert "statement 3 was signed here and is missing or invalid" in signed.check(memory=newer).wrong[0]
    other = Memory(number=2, sha256="f" * 64)
    assert "statement 2 was signed here and is missing or invalid" in signed.check(memory=other).wrong[0]
    lost = Memory(number=2, sha256=signed.shas[1], sign_offs={"2026-10-x.json": "f" * 64})
    assert signed.check(memory=lost).wrong == [
        "the sign-off 2026-10-x.json was signed here and is missing or was replaced"
    ]
    assert signed.check(memory=Memory()).wrong == []


def test_what_a_run_found_and_a_run_that_was_ended_are_told(signed: Signed):
    signed.sign(2, found=("a.csv was changed",), interrupted=True)
    assert signed.check().notes == [
        "statement 2: a run before it was interrupted, so what that run wrote cannot be told from other changes",
        "statement 2: a.csv was changed",
    ]


def test_a_stamp_that_is_missing_is_told_where_one_was_wanted_and_one_of_other_bytes_is_found(signed: Signed):
    signed.sign(2, time_stamp="stamps.example")
    outcome = signed.check()
    assert outcome.wrong == [] and outcome.notes == [
        "statement 2 has no time stamp: stamps.example could not be reached, or the time stamp was removed"
    ]
    write_stamp(path_of(signed.published, 1), b"no stamp", signed.scratch)
    assert "000001.json.tsr is not a valid time stamp of its statement" in signed.check().wrong[0]
    stamp = companion(path_of(signed.published, 1), STAMP)
    stamp.rename(signed.data.parent / "elsewhere")
    stamp.symlink_to(signed.data.parent / "elsewhere")
    assert signed.check().wrong == []


def test_the_chain_is_that_of_every_statement(signed: Signed):
    def wrong(chain: list[Entry], since: str = "") -> list[str]:
        outcome = Outcome()
        check_chain(chain, check_seals(signed.data, KEY.public_key(), [ROW])[1], since, outcome)
        return outcome.wrong

    chain = CHAIN[:2]
    assert wrong(chain) == wrong(chain, chain[0].entry_hash) == wrong(chain, signed.shas[0]) == []
    assert "has 3 entries, and the last statement covers 2" in wrong(CHAIN)[0]
    assert ["at entry 2 when statement 2 was signed" in wrong(chain[:1])[0], len(wrong(chain[:1]))] == [True, 2]
    anew = [replace(chain[0], reason="another").sealed(), chain[1]]
    assert "at entry 1 when statement 1 was signed" in wrong(anew)[0]
    assert "an older state was restored" in wrong(chain, "f" * 64)[0]


@pytest.mark.parametrize("roots", [(), ("a certificate",)])
def test_the_last_stamp_is_told_and_whether_anybody_looked_who_gave_it(signed: Signed, monkeypatch, roots: tuple):
    monkeypatch.setattr(stamps, "fault", lambda stamp, content, given: "" if tuple(given) == roots else "other roots")
    monkeypatch.setattr(stamps, "moment_of", lambda stamp: datetime.fromisoformat(stamp.decode()))
    for number, moment in ((1, "2026-11-05T09:30"), (2, "2026-12-05T10:00")):
        write_stamp(path_of(signed.published, number), moment.encode(), signed.scratch)
    outcome = check_seals(signed.data, KEY.public_key(), [ROW], roots)[0]
    (said,) = outcome.notes
    assert outcome.wrong == [] and said.startswith("the last time stamp is of statement 2, 2026-12-05 10:00 UTC")
    assert said.endswith("its issuer was not checked (give --tsa-roots)") == (not roots)
