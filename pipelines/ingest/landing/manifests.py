"""What manifests say about the files of a drop: `_manifest.yml` of a folder, `<file>.manifest.yml` of one file. Reads
no data file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from pipelines.contracts.limits import MAX_DIGITS, MAX_MANIFEST_BYTES, MAX_MANIFEST_DEPTH

MANIFEST = "_manifest.yml"
MANIFEST_SUFFIX = ".manifest.yml"
# Source: definition of this project, docs/exporting.md.
KEYS = (
    "input",
    "team",
    "range_start",
    "range_end",
    "filters",
    "exported_at",
    "exported_by",
    "date_order",
    "timezone",
    "encoding",
    "language",
    "scope",
    "complete",
)
# Unknown keys that are named, and characters of a value that are shown.
MOST_NAMED, MOST_SHOWN = 5, 80
DATE_ORDERS = ("dmy", "mdy", "ymd")
YES, NO = {"yes", "true", "1"}, {"no", "false", "0"}
# Names of the machine's files that are no zones of the IANA list, or are copies of it that count leap seconds: the
# database does not know them.
_ZONE = re.compile(
    r"(?!posix/|right/|localtime$|posixrules$|leapseconds$)[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*"
)
_LONG_NUMBER = re.compile(rf"[-+]?[0-9_]{{{MAX_DIGITS + 1},}}$")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Manifest:
    """What manifests say about a file, the nearest winning key by key; `problem` if one could not be read or says
    something that is not understood.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def timezone(self) -> str:
        """IANA name, UTC if none or unknown."""
        name = str(self.values.get("timezone") or "UTC")
        return name if _is_zone(name) else "UTC"

    @property
    def exported_at(self) -> datetime | None:
        """Instant of the export in UTC without zone, or None."""
        value = self.values.get("exported_at")
        if value is None:
            return None
        if not isinstance(value, datetime):
            try:
                value = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
            except ValueError:
                return None
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(self.timezone))
        try:
            return value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # the first and the last day that a calendar knows
            return None

    @property
    def named_input(self) -> str | None:
        """The input that the manifest names."""
        value = self.values.get("input")
        return None if value is None else str(value)

    @property
    def encoding(self) -> str | None:
        """The code page that the manifest names, if it is one."""
        value = self.values.get("encoding")
        return None if value is None or not _is_encoding(str(value)) else str(value).strip()

    @property
    def complete(self) -> bool | None:
        """Whether the manifest says that the file is whole; None if it does not say."""
        value = str(self.values.get("complete", "")).strip().lower()
        return True if value in YES else False if value in NO else None


def is_manifest(name: str) -> bool:
    """True for `_manifest.yml` and `<file>.manifest.yml`."""
    return name == MANIFEST or name.endswith(MANIFEST_SUFFIX)


def manifest_for(path: str, manifests: Mapping[str, bytes]) -> Manifest:
    """The manifest in force for a file: folders from the drop down, then the file's own; the nearest wins key by
    key.
    """
    candidates = [MANIFEST]
    parts = path.split("/")
    candidates += ["/".join([*parts[:i], MANIFEST]) for i in range(1, len(parts))]
    candidates.append(path + MANIFEST_SUFFIX)
    merged: dict[str, Any] = {}
    problem = ""
    for name in candidates:
        if name not in manifests:
            continue
        values, why = _parsed(manifests[name])
        if why:
            problem = f"the manifest {name} {why}"
        merged.update(values)
    problem = "; ".join([p for p in (problem, *_questions(merged)) if p])
    complete = Manifest(merged).complete
    if complete is not None:
        merged["complete"] = "yes" if complete else "no"
    return Manifest(merged, problem)


@lru_cache(maxsize=256)
def _parsed(data: bytes) -> tuple[dict[str, Any], str]:
    """(what a manifest says, '') or ({}, why it cannot be read)."""
    if len(data) > MAX_MANIFEST_BYTES:
        return {}, (
            f"is longer than the {MAX_MANIFEST_BYTES >> 10} KB that are accepted, and was not read: it is a few lines "
            "of `key: value`"
        )
    try:
        text = data.decode("utf-8-sig")
        _look_before(text)
        values = _plain(yaml.safe_load(text))
    except UnicodeDecodeError:
        return {}, "cannot be read: it is not UTF-8"
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        return {}, f"cannot be read: {place}{error.problem or error.context}"
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError) as error:
        return {}, f"cannot be read: {(str(error).splitlines() or [type(error).__name__])[0]}"
    if values is None or isinstance(values, dict):
        return {k: v for k, v in (values or {}).items() if v is not None}, ""
    return {}, "is not a list of `key: value` lines"


def _look_before(text: str) -> None:
    """Raises ValueError where a manifest is nested too deeply, or refers to parts of itself: a few lines of such
    references stand for gigabytes.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise ValueError("it has references (`&name`, `*name`), which are not accepted: write the value out")
        if isinstance(event, yaml.ScalarEvent) and _LONG_NUMBER.match(event.value):
            raise ValueError(f"it holds a number of more than {MAX_DIGITS} digits")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_MANIFEST_DEPTH:
            raise ValueError(
                f"it is nested more than {MAX_MANIFEST_DEPTH} deep; a list of `key: value` lines is expected"
            )


def _plain(value: Any) -> Any:
    """The same with texts as keys and without kinds that have no order. Raises ValueError for what cannot be kept."""
    if isinstance(value, dict):
        return {str(_plain(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(str(_plain(v)) for v in value)
    if isinstance(value, str) and _SURROGATE.search(value):
        raise ValueError("it contains half a character (a lone surrogate such as \\ud800)")
    if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
        raise ValueError(f"it holds a number of more than {MAX_DIGITS} digits")
    return value if value is None or isinstance(value, bool | int | float | str | date) else str(value)


def _is_encoding(name: str) -> bool:
    try:
        "a".encode(name.strip())
    except (LookupError, ValueError):
        return False
    return True


def _questions(values: dict[str, Any]) -> list[str]:
    """What a manifest says that is not understood."""
    unknown = [key for key in values if key not in KEYS]
    found = [
        f"the manifest has the key '{_short(key)}', which is not known; known are {', '.join(KEYS)}"
        for key in unknown[:MOST_NAMED]
    ]
    if len(unknown) > MOST_NAMED:
        found.append(f"and {len(unknown) - MOST_NAMED} more such keys")
    if values.get("complete") is not None and Manifest(values).complete is None:
        found.append(f"the manifest says complete: {_short(values['complete'])}; yes or no is expected")
    if values.get("exported_at") is not None and Manifest(values).exported_at is None:
        found.append(
            f"the manifest says exported_at: {_short(values['exported_at'])}, which is not a time that can be stored; "
            "a time such as 2026-11-02T08:00:00Z is expected"
        )
    if "encoding" in values and not _is_encoding(str(values["encoding"])):
        found.append(f"the manifest names the encoding '{_short(values['encoding'])}', which is not known")
    if "timezone" in values and not _is_zone(str(values["timezone"])):
        found.append(
            f"the manifest names the time zone '{_short(values['timezone'])}', which is not known; UTC is used"
        )
    if "date_order" in values and values["date_order"] not in DATE_ORDERS:
        found.append(
            f"the manifest says date_order: {_short(values['date_order'])}; one of {', '.join(DATE_ORDERS)} is expected"
        )
    return found


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _is_zone(name: str) -> bool:
    if not _ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
