"""What a run signs, and the changes it finds beforehand. Loaded only by `sealing.py`, if a key is configured, and by
the check: the libraries take a while to load.

`pipelines/publish/seals` defines and verifies statements.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.publish.publications import file_sha256, read_chain
from pipelines.publish.seals import memory as remembered
from pipelines.publish.seals import stamps
from pipelines.publish.seals.check import Outcome, Statements, check_seals, signature_fault
from pipelines.publish.seals.keys import Signer, SigningKeyError, fingerprint, read_public, signer_of
from pipelines.publish.seals.listing import (
    IN_WORDS,
    LANDING,
    NO_FILE,
    as_text,
    differences,
    from_text,
    hashes,
    is_delivered,
)
from pipelines.publish.seals.memory import Memory
from pipelines.publish.seals.statements import (
    GENESIS,
    STAMP,
    Statement,
    companion,
    folder_of,
    last,
    list_path,
    numbers,
    path_of,
    sign_off_path,
    sign_off_statement,
    sign_offs,
    statement_of,
    write_list,
    write_signature,
    write_signed,
    write_stamp,
)
from pipelines.resources.modes import close
from pipelines.run.sign_off_table import read_sign_offs, sign_offs_file
from pipelines.settings import SealSettings, Settings, load_seal_settings
from pipelines.warehouse import connect_file

# Files that every run rewrites; if they were changed outside a run, the statement says so in a sentence.
_WRITTEN_BY_EVERY_RUN = ("warehouse/", "state/")


@dataclass(frozen=True)
class _Sealer:
    settings: Settings
    how: SealSettings
    signer: Signer

    @property
    def memory_path(self) -> Path:
        return Path(self.how.memory).expanduser().resolve()


def _sealer(settings: Settings) -> _Sealer | None:
    how = load_seal_settings()
    signer = signer_of(how, settings.data) if how.signs else None
    if signer is None:
        return None
    found = _Sealer(settings, how, signer)
    if found.memory_path.is_relative_to(settings.data):
        raise SigningKeyError(f"{found.memory_path} is in the data folder; SELFAUDIT_SEAL_MEMORY must be outside it.")
    return found


def begin(settings: Settings) -> list[str]:
    """Before a run writes: changes since the last signature, one sentence each. Raises SigningKeyError."""
    sealer = _sealer(settings)
    if sealer is None:
        return []
    known, taken_up = _recalled(sealer)
    said, at = _changed(sealer, known)
    said = taken_up + said
    if known.begun:
        said = [f"{sentence} (a run was interrupted before it signed)" for sentence in said]
    remembered.write(
        sealer.memory_path, replace(known, begun=True, found=tuple(said), hashes=at, interrupted=known.begun)
    )
    return said


def _recalled(sealer: _Sealer) -> tuple[Memory, list[str]]:
    """What is remembered; if nothing is, but statements of this key exist, the last of them, and a sentence that says
    so.
    """
    known, published = remembered.read(sealer.memory_path), sealer.settings.published
    if known.number and not numbers(published) and not sealer.settings.published_database.is_file():
        raise SigningKeyError(
            f"{sealer.memory_path} remembers {known.number} statements, and nothing is published in {published}. "
            "Another data folder needs a memory of its own: set SELFAUDIT_SEAL_MEMORY to another file. Where this one "
            "was emptied, put it back."
        )
    if known.number or known.begun:
        return known, []
    try:
        before = last(published)
    except ValueError as error:
        return known, [f"the last statement in {folder_of(published)} is damaged: {error}"]
    if before is None:
        return known, []
    statement, sha = before
    if signature_fault(path_of(published, statement.number), sealer.signer.public):
        return known, [f"statement {statement.number} is not signed with the key that is configured"]
    listed = _list_of(sealer, statement)
    remembered.write_list(sealer.memory_path, listed)
    return replace(known, number=statement.number, sha256=sha), [
        f"there is no memory here of what was signed; statement {statement.number} is taken as the last one"
    ]


def _list_of(sealer: _Sealer, statement: Statement) -> bytes:
    path = list_path(sealer.settings.published)
    content = path.read_bytes() if path.is_file() else b""
    return content if hashlib.sha256(content).hexdigest() == statement.files_sha256 else b""


def _changed(sealer: _Sealer, known: Memory) -> tuple[list[str], dict[str, str]]:
    """Deviations from what was signed: as sentences, and path → its present hash ('' = missing)."""
    if not known.number:
        return [], {}
    said = []
    path = path_of(sealer.settings.published, known.number)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != known.sha256:
        said.append(f"statement {known.number}, the last one that was signed here, is missing or was replaced")
    there = hashes(sealer.settings.data, LANDING)
    listed = {n: h for n, h in from_text(remembered.read_list(sealer.memory_path)).items() if not is_delivered(n)}
    found = differences(listed, there)
    # Names of files that name persons are not included in statements.
    said += dict.fromkeys(
        f"{'a file of named/' if name.startswith('named/') else name} {IN_WORDS[what]} after the last signature"
        for name, what in found.items()
    )
    return said, {name: there.get(name, "") for name in found}


def seal(settings: Settings, made: Sequence[str]) -> list[str]:
    """After a run: sign packs, sign-offs that predate signing, and a statement; have it stamped. If nothing differs
    from what was signed, the previous statement remains the last.

    made: months of the run. Returns problems that are not fatal: a stamp that could not be obtained.
    """
    sealer = _sealer(settings)
    if sealer is None:
        return []
    known = remembered.read(sealer.memory_path)
    if not known.begun:
        return []
    if not settings.published_database.is_file():  # a first run without results
        remembered.write(sealer.memory_path, replace(known, begun=known.interrupted, found=(), hashes={}))
        return []
    if not known.number:
        _adopt(sealer)
    outside = {} if known.interrupted else known.hashes
    _sign_packs(sealer, outside)
    listed = as_text(_vouched_for(sealer, outside))
    statement = _statement(sealer, known, listed, made)
    path = path_of(settings.published, known.number)
    if not known.number or _differs(statement, path):
        path = path_of(settings.published, statement.number)
        write_list(settings.published, listed, settings.scratch)
        write_signed(path, statement.as_bytes(), sealer.signer, settings.scratch)
        remembered.write_list(sealer.memory_path, listed)
    content = path.read_bytes()
    number = int(path.stem)
    remembered.write(sealer.memory_path, Memory(number, hashlib.sha256(content).hexdigest()))
    if settings.named.is_dir():
        close(settings.named)
    return _stamp(sealer, path, content)


def _adopt(sealer: _Sealer) -> None:
    """Sign the sign-offs that predate signing."""
    for row in read_sign_offs(sealer.settings):
        path = sign_off_path(sealer.settings.published, row.get("activity", ""), row.get("period", ""))
        if not path.is_file():
            write_signed(path, sign_off_statement(row, adopted=True), sealer.signer, sealer.settings.scratch)


def _sign_packs(sealer: _Sealer, outside: Mapping[str, str]) -> None:
    """Sign every unsigned pack except those put there outside a run. outside: path → hash."""
    for pack in sorted((sealer.settings.published / "packs").glob("*.zip")):
        name = pack.relative_to(sealer.settings.data).as_posix()
        if signature_fault(pack, sealer.signer.public) and outside.get(name) != file_sha256(pack):
            write_signature(pack, sealer.signer, sealer.settings.scratch)


def _vouched_for(sealer: _Sealer, outside: Mapping[str, str]) -> dict[str, str]:
    """Path → hash of what is signed. A file that was changed outside a run, and not since that was found, keeps the
    hash it was signed with, so that it is reported until it is made again. Links are not signed.
    """
    there = {name: sha for name, sha in hashes(sealer.settings.data).items() if sha != NO_FILE}
    before = from_text(remembered.read_list(sealer.memory_path))
    for name, sha in outside.items():
        if not name.startswith(_WRITTEN_BY_EVERY_RUN) and there.get(name, "") == sha:
            there.pop(name, None)
            if name in before:
                there[name] = before[name]
    return there


def _statement(sealer: _Sealer, known: Memory, listed: bytes, made: Sequence[str]) -> Statement:
    with closing(connect_file(sealer.settings.published_database)) as connection:
        chain = read_chain(connection)
    months = sorted({e.review_month for e in chain})
    return Statement(
        number=known.number + 1,
        previous_sha256=known.sha256 or GENESIS,
        chain_length=len(chain),
        chain_hash=chain[-1].entry_hash if chain else "",
        first_month=months[0] if months else "",
        last_month=months[-1] if months else "",
        made=tuple(made),
        files_sha256=hashlib.sha256(listed).hexdigest(),
        files=listed.count(b"\n"),
        public_key=fingerprint(sealer.signer.public),
        software=f"selfaudit {version('selfaudit')}",
        sign_offs=sign_offs(sealer.settings.published),
        found=known.found,
        interrupted=known.interrupted,
        time_stamp=urlsplit(sealer.how.stamp_url).hostname or "",
    )


def _differs(statement: Statement, before: Path) -> bool:
    """Whether a statement covers anything other than the previous one."""
    if statement.found or not before.is_file():
        return True
    with suppress(ValueError):
        former = statement_of(before.read_bytes())
        return (former.files_sha256, former.sign_offs) != (statement.files_sha256, dict(statement.sign_offs))
    return True


def _stamp(sealer: _Sealer, path: Path, content: bytes) -> list[str]:
    """Have the last statement stamped if an authority is configured and it has no stamp. It covers those before it."""
    if not sealer.how.stamp_url or companion(path, STAMP).is_file():
        return []
    try:
        roots = stamps.read_roots(Path(sealer.how.stamp_roots) if sealer.how.stamp_roots else None)
        answer = stamps.ask(sealer.how.stamp_url, content, roots, sealer.how.timeout_seconds)
    except (stamps.StampError, SigningKeyError) as error:
        return [f"statement {path.stem} is signed and has no time stamp: {error}. The next run asks again."]
    write_stamp(path, answer, sealer.settings.scratch)
    return []


def sign_rows(settings: Settings, rows: Iterable[Mapping[str, str]]) -> None:
    """Sign new sign-offs. Raises SigningKeyError."""
    sealer = _sealer(settings)
    if sealer is None:
        return
    known = remembered.read(sealer.memory_path)
    signed = dict(known.sign_offs)
    for row in rows:
        path, content = (
            sign_off_path(settings.published, row["activity"], row["period"]),
            sign_off_statement(row, False),
        )
        write_signed(path, content, sealer.signer, settings.scratch)
        signed[path.name] = hashlib.sha256(content).hexdigest()
    remembered.write(sealer.memory_path, replace(known, sign_offs=signed))


def key_to_check_with(settings: Settings, path: Path | None) -> Ed25519PublicKey | None:
    """The public key of a file, else the configured one, else None. Raises SigningKeyError."""
    if path is not None:
        return read_public(path)
    how = load_seal_settings()
    signer = signer_of(how, settings.data) if how.signs else None
    return signer.public if signer else None


def check(settings: Settings, public: Ed25519PublicKey, roots: Path | None) -> tuple[Outcome, Statements]:
    """Check what is signed against a public key; if it is the configured key, also against what is remembered here.
    Raises SigningKeyError.
    """
    how = load_seal_settings()
    signer = signer_of(how, settings.data) if how.signs else None
    is_own = signer is not None and fingerprint(signer.public) == fingerprint(public)
    memory = remembered.read(Path(how.memory).expanduser()) if is_own else None
    rows: list[dict[str, str]] = []
    fault = ""
    try:
        rows = read_sign_offs(settings)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fault = f"{sign_offs_file(settings)} cannot be read: {error}"
    outcome, statements = check_seals(settings.data, public, rows, stamps.read_roots(roots), memory)
    outcome.wrong += [fault] if fault else []
    return outcome, statements
