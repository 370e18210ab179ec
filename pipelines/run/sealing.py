"""Signing around a run: changes since the last signature are found before it, and its results are signed after it. No
effect, and no library loaded, if no key is configured.

`signing.py` determines what is signed.
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
# Data folders for which this process has begun a run that is not sealed yet: a step of it must not begin another.
_BEGUN: set[Path] = set()


@contextmanager
def sealed(settings: Settings, made: list[str]) -> Iterator[list[str]]:
    """Begin, run the block, sign. made: the months that the block made; it fills the list. Yields the changes since the
    last signature, as sentences. The partial results of a failed block are signed; those of a killed one are not. If a
    stamp could not be obtained, a warning is given. No effect within a run that is already being sealed.
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
    """Sign the results of a failed run. If that fails too, both errors are reported and the first one is raised."""
    try:
        warnings = seal(settings, made)
    except (OSError, duckdb.Error, UserError) as also:
        warnings = [f"what the run left is not signed: {also} (the run had ended with {type(error).__name__})"]
    for sentence in warnings:
        log.warning(sentence)


def begin(settings: Settings) -> list[str]:
    """Before a run writes: changes since the last signature, one sentence each. Raises UserError if the key cannot be
    used.
    """
    if not load_seal_settings().signs or settings.data in _BEGUN:
        return []
    from pipelines.run import signing

    return signing.begin(settings)


def seal(settings: Settings, made: Sequence[str]) -> list[str]:
    """After a run: sign its results. made: months of the run. Returns problems that are not fatal: a stamp that could
    not be obtained. Raises UserError if the key cannot be used.
    """
    if not load_seal_settings().signs:
        return []
    from pipelines.run import signing

    return signing.seal(settings, made)


def sign_sign_offs(settings: Settings, rows: Iterable[Mapping[str, str]]) -> None:
    """Sign new sign-offs. Raises UserError if the key cannot be used."""
    if load_seal_settings().signs:
        from pipelines.run import signing

        signing.sign_rows(settings, rows)
