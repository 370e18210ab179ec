"""What may be said if privacy mode is on or configured: progress lines, refusals, and the failure messages that Dagster
and alerts keep, without quoted cells, addresses, and known names of persons.

Published tables are handled in the warehouse (`pipelines/publish/veil`), not here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import UserError, first_cause
from pipelines.failures.omissions import PartlyMadeError
from pipelines.publish.veil import veil
from pipelines.publish.veil.key import read_or_make
from pipelines.reference.known import NO
from pipelines.run.progress import Progress, without_addresses
from pipelines.settings import Settings
from pipelines.warehouse import connect_to_look

# Number of bytes within which a settings table must mention the mode.
HEAD_BYTES = 100_000
# File formats that hide their content: archives, workbooks, gzip; in lower case, as is all text compared with them.
_PACKED = (b"pk\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_MODE = re.compile(rb"privacy_mode\"?\s*[,;\t|]\s*\"?([a-z0-9]*)")
# Quotation style of library messages; this also removes names of columns and commands.
_DOUBLE = re.compile(r'"[^"]*"')


def is_asked_for(settings: Settings) -> bool:
    """Whether names must be withheld: there is a key of pseudonyms, or a company table turns the mode on, or one may do
    so and no publication exists to tell. Opens no database, so it can be called at any time.
    """
    if settings.pseudonym_key.is_file():
        return True
    heads = [_head(p) for p in (settings.landing / "reference").rglob("*") if p.is_file()]
    is_first = not settings.published_database.is_file()
    return any(_turns_on(head) or (is_first and head.startswith(_PACKED)) for head in heads)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            # Without the bytes that UTF-16 puts between letters.
            return handle.read(HEAD_BYTES).replace(b"\0", b"").lower()
    except OSError:
        return b""


def _turns_on(head: bytes) -> bool:
    values = [m.decode() for m in _MODE.findall(head)]
    return b"privacy" in head and not (values and set(values) <= NO)


def withheld(text: str) -> str:
    """The text without quoted cells and addresses."""
    text = re.sub(veil.QUOTED_CELL, rf"\1'{veil.CUT}'", text)
    return without_addresses(_DOUBLE.sub(f'"{veil.CUT}"', text), veil.CUT)


def said(settings: Settings, given: Sequence[str]) -> list[str]:
    """Sentences in a form that may be shown: if names must be withheld, without quoted cells and addresses, and with
    pseudonyms for known persons if the warehouse can be opened.
    """
    if not given or not is_asked_for(settings):
        return list(given)
    return [withheld(text) for text in _with_pseudonyms(settings, given)]


def _with_pseudonyms(settings: Settings, given: Sequence[str]) -> list[str]:
    if not (settings.pseudonym_key.is_file() and settings.warehouse.is_file()):
        return list(given)
    try:
        key = read_or_make(settings.pseudonym_key)
        with connect_to_look(settings) as connection:
            return veil.sentences(connection, key, given)
    except (duckdb.Error, OSError, UserError):  # the message is often that nothing can be opened
        return list(given)


def progress(settings: Settings, say: Progress) -> Progress:
    """A progress callback whose lines others may keep: without addresses, and without quoted cells if names must be
    withheld.
    """
    cut: Callable[[str], str] = withheld if is_asked_for(settings) else without_addresses
    return lambda message: say(cut(message))


@contextmanager
def quiet_log(settings: Settings) -> Iterator[None]:
    """Within the block, remove names from progress lines and warnings if names must be withheld."""
    redact = _Redact()
    log = logging.getLogger("selfaudit.progress")
    if is_asked_for(settings):
        log.addFilter(redact)
    try:
        yield
    finally:
        log.removeFilter(redact)


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = withheld(record.getMessage()), ()
        return True


class WithheldError(RuntimeError):
    """Replaces an error of another type, with a text that may be kept."""


@contextmanager
def quiet_errors(settings: Settings, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Make errors that leave the block safe for Dagster, which keeps their texts and those of their causes. If nothing
    is withheld, the original error is raised. but: types whose texts contain only names of this software.
    """
    try:
        yield
    except but:
        raise
    except Exception as error:
        chain: BaseException | None = error
        texts: list[str] = []
        while chain is not None:
            texts.append(str(chain))
            chain = chain.__cause__ or chain.__context__
        if said(settings, texts) == texts:
            raise
        kind = PartlyMadeError if isinstance(error, PartlyMadeError) else WithheldError
        text = str(error) if kind is PartlyMadeError else first_cause(error)
        raise kind(said(settings, [text])[0]) from None
