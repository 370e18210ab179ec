"""Verifies that what is published is what was signed: statements, their order, the chain of publications, every listed
file, packs, sign-offs and time stamps, against a public key from an independent source. Read-only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.publish.publications import Entry
from pipelines.publish.seals import stamps
from pipelines.publish.seals.keys import fingerprint, is_signed
from pipelines.publish.seals.listing import IN_WORDS, differences, from_text, hashes, is_delivered
from pipelines.publish.seals.memory import Memory
from pipelines.publish.seals.statements import (
    GENESIS,
    SIGN_OFFS,
    SIGNATURE,
    STAMP,
    Statement,
    companion,
    folder_of,
    list_path,
    numbers,
    path_of,
    row_sha256,
    sign_off_path,
    statement_of,
)

REFERENCE = "landing/reference/"
# Valid statements in order, each with its SHA-256.
Statements: TypeAlias = list[tuple[Statement, str]]


@dataclass
class Outcome:
    """Result of a check. wrong: deviations from what was signed. notes: true statements worth knowing: changes that a
    run found and signed for, files that the next run will load, the last time stamp.
    """

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def signature_fault(path: Path, key: Ed25519PublicKey) -> str:
    """Why a file is not signed by this key, as the end of a sentence; '' if it is."""
    signature = companion(path, SIGNATURE)
    if path.is_symlink() or signature.is_symlink():
        return "is a symbolic link, or its signature is: the target of a link can change"
    if not path.is_file():
        return "is missing"
    if not signature.is_file():
        return f"has no signature ({signature.name} is missing)"
    return (
        "" if is_signed(key, path.read_bytes(), signature.read_bytes()) else "does not match its signature by this key"
    )


def check_seals(
    data: Path,
    key: Ed25519PublicKey,
    sign_offs: Sequence[Mapping[str, str]],
    roots: Sequence[x509.Certificate] = (),
    memory: Memory | None = None,
) -> tuple[Outcome, Statements]:
    """Every check that needs no database. sign_offs: rows of the company's table. roots: of the time-stamp authority.
    memory: what the signing account remembers.

    Returns the outcome and the valid statements with their SHA-256.
    """
    published, outcome = data / "published", Outcome()
    good = _statements(published, key, outcome)
    if not numbers(published):
        outcome.wrong.append(f"nothing in {folder_of(published)} is signed")
        return outcome, []
    if memory is not None and memory.number:
        shas = {statement.number: sha for statement, sha in good}
        if shas.get(memory.number) != memory.sha256:
            outcome.wrong.append(
                f"statement {memory.number} was signed here and is missing or invalid: an older state was restored, or "
                "statements were removed"
            )
        for name, sha in memory.sign_offs.items():
            path = folder_of(published) / SIGN_OFFS / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha:
                outcome.wrong.append(f"the sign-off {name} was signed here and is missing or was replaced")
    if good:
        _files(data, good[-1][0], outcome)
        _sign_offs(published, key, good[-1][0], sign_offs, outcome)
    for pack in sorted((published / "packs").glob("*.zip")):
        if fault := signature_fault(pack, key):
            outcome.wrong.append(f"{pack} {fault}")
    _stamps(published, good, roots, outcome)
    return outcome, good


def _statements(published: Path, key: Ed25519PublicKey, outcome: Outcome) -> Statements:
    """The statements that are signed, intact, and consecutive from the first."""
    good: Statements = []
    there = numbers(published)
    for expected, number in enumerate(there, 1):
        path, before = path_of(published, number), good[-1][1] if good else GENESIS
        if number != expected:
            outcome.wrong.append(f"statement {expected} is missing")
            break
        if fault := signature_fault(path, key):
            outcome.wrong.append(f"{path} {fault}")
            break
        content = path.read_bytes()
        try:
            statement = statement_of(content)
        except ValueError as error:
            outcome.wrong.append(f"{path} is not a statement: {error}")
            break
        if statement.number != number or statement.previous_sha256 != before:
            outcome.wrong.append(f"{path} does not follow the statement before it")
            break
        if statement.public_key != fingerprint(key):
            outcome.wrong.append(f"{path} names another key")
        good.append((statement, hashlib.sha256(content).hexdigest()))
        if statement.interrupted:
            outcome.notes.append(
                f"statement {number}: a run before it was interrupted, so what that run wrote cannot be told from "
                "other changes"
            )
        outcome.notes += [f"statement {number}: {sentence}" for sentence in statement.found]
    return good


def _files(data: Path, statement: Statement, outcome: Outcome) -> None:
    path = list_path(data / "published")
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    if hashlib.sha256(content).hexdigest() != statement.files_sha256:
        outcome.wrong.append(f"{path} is not the list of files of statement {statement.number}")
        return
    for name, what in differences(from_text(content), hashes(data)).items():
        if is_delivered(name) and (what == "new" or name.startswith(REFERENCE)):
            outcome.notes.append(f"{name} {IN_WORDS[what]} after the last run; the next one loads it")
        else:
            outcome.wrong.append(f"{name} {IN_WORDS[what]} after the last signature")


def _sign_offs(
    published: Path,
    key: Ed25519PublicKey,
    statement: Statement,
    rows: Sequence[Mapping[str, str]],
    outcome: Outcome,
) -> None:
    """Check every row against its statement and every statement against its row."""
    known = set()
    for row in rows:
        what = f"the sign-off of {row.get('activity')} of {row.get('period')}"
        path = sign_off_path(published, row.get("activity", ""), row.get("period", ""))
        known.add(path.name)
        if fault := signature_fault(path, key):
            outcome.wrong.append(f"{what}: {path.name} {fault}")
        elif json.loads(path.read_bytes()).get("row_sha256") != row_sha256(row):
            outcome.wrong.append(f"{what} differs from the one that was signed ({path.name})")
    folder = folder_of(published) / SIGN_OFFS
    there = {path.name: path for path in sorted(folder.glob("*.json"))}
    for name, path in there.items():
        if fault := signature_fault(path, key):
            outcome.wrong.append(f"{path} {fault}")
        elif name not in known:
            outcome.wrong.append(f"{path}: its sign-off is not in landing/reference/sign_offs.csv any more")
    for name, sha in statement.sign_offs.items():
        if name not in there or hashlib.sha256(there[name].read_bytes()).hexdigest() != sha:
            outcome.wrong.append(f"the signed sign-off {name} is missing or was replaced")


def _stamps(
    published: Path,
    good: Statements,
    roots: Sequence[x509.Certificate],
    outcome: Outcome,
) -> None:
    newest = ""
    for statement, _ in good:
        path = path_of(published, statement.number)
        stamp = companion(path, STAMP)
        if stamp.is_symlink() or not stamp.is_file():
            if statement.time_stamp:
                outcome.notes.append(
                    f"statement {statement.number} has no time stamp: {statement.time_stamp} could not be reached, or "
                    "the time stamp was removed"
                )
            continue
        content = stamp.read_bytes()
        if fault := stamps.fault(content, path.read_bytes(), roots):
            outcome.wrong.append(f"{stamp} is not a valid time stamp of its statement: {fault}")
            continue
        newest = (
            f"the last time stamp is of statement {statement.number}, {stamps.moment_of(content):%Y-%m-%d %H:%M} UTC"
        )
        if not roots:
            newest += "; its issuer was not checked (give --tsa-roots)"
    if newest:
        outcome.notes.append(newest)


def check_chain(chain: Sequence[Entry], statements: Statements, since: str, outcome: Outcome) -> None:
    """Check the chain of publications against every signed head, and against a head that was kept elsewhere.

    since: an `entry_hash`, or the SHA-256 of a statement; '' for none.
    """
    for statement, _ in statements:
        length = statement.chain_length
        head = chain[length - 1].entry_hash if 0 < length <= len(chain) else ""
        if head != statement.chain_hash:
            outcome.wrong.append(
                f"the chain of publications had the head {statement.chain_hash[:16]}... at entry {length} when "
                f"statement {statement.number} was signed, and has another now"
            )
            break
    if statements and statements[-1][0].chain_length != len(chain):
        outcome.wrong.append(
            f"the chain of publications has {len(chain)} entries, and the last statement covers "
            f"{statements[-1][0].chain_length}"
        )
    if since and since not in {e.entry_hash for e in chain} | {sha for _, sha in statements}:
        outcome.wrong.append(
            f"the head {since} is neither in the chain of publications nor a statement: an older state was restored, "
            "or the chain was rewritten"
        )
