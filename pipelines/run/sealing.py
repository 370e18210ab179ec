"""Around a run: what changed since the last signature is found before it, and what it leaves is signed after it.
Nothing, and no library loaded, where no key is configured.

What is signed is `signing.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import UserError
from pipelines.settings import Settings, load_seal_settings

log = logging.getLogger("selfaudit.progress")
# Data folders for which this process has begun a run that is not sealed: a step of it must not begin another.
_BEGUN: set[Path] = set()


@contextmanager
def sealed(settings: Settings, made: list[str]) -> Iterator[list[str]]:
    """Begin, work, sign. made: the months that the work made, which it fills in. Gives what had changed since the last
    signature, in sentences. Work that fails is signed for too, as far as it came; what is killed is not. A stamp that
    was not to be had is a warning. Within a run that is sealed already, a part of it changes nothing.
    """
    if settings.data in _BEGUN:
        yield []
        return
    found = begin(settings)
    _BEGUN.add(settings.data)
    try:
        yield found
    except Exception as error:
        _seal_what_is_left(settings, made, error)
        raise
    else:
        for sentence in seal(settings, made):
            log.warning(sentence)
    finally:
        _BEGUN.discard(settings.data)


def _seal_what_is_left(settings: Settings, made: Sequence[str], error: Exception) -> None:
    """Sign what failed work left. Where that fails too, both are said and the first is what ends the run."""
    try:
        warnings = seal(settings, made)
    except (OSError, duckdb.Error, UserError) as also:
        warnings = [f"what the run left is not signed: {also} (the run had ended with {type(error).__name__})"]
    for sentence in warnings:
        log.warning(sentence)


def begin(settings: Settings) -> list[str]:
    """Before a run writes: what changed since the last signature, one sentence each. Raises UserError where the key
    cannot be used.
    """
    if not load_seal_settings().signs or settings.data in _BEGUN:
        return []
    from pipelines.run import signing

    return signing.begin(settings)


def seal(settings: Settings, made: Sequence[str]) -> list[str]:
    """After a run: sign what it leaves. made: months of the run. Returns what went wrong without ending anything: a
    stamp that was not to be had. Raises UserError where the key cannot be used.
    """
    if not load_seal_settings().signs:
        return []
    from pipelines.run import signing

    return signing.seal(settings, made)


def sign_sign_offs(settings: Settings, rows: Iterable[Mapping[str, str]]) -> None:
    """Sign sign-offs that were just written. Raises UserError where the key cannot be used."""
    if load_seal_settings().signs:
        from pipelines.run import signing

        signing.sign_rows(settings, rows)
