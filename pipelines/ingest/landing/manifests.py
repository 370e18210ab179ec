"""What manifests say about the files of a drop: `_manifest.yml` of a folder, `<file>.manifest.yml` of one file. Reads
no data file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

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
DATE_ORDERS = ("dmy", "mdy", "ymd")
YES, NO = {"yes", "true", "1"}, {"no", "false", "0"}


@dataclass
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
        return value.astimezone(UTC).replace(tzinfo=None)

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


def manifest_for(path: str, manifests: dict[str, bytes]) -> Manifest:
    """The manifest in force for a file: folders from the drop down, then the file's own; the nearest wins key by
    key.
    """
    candidates = [MANIFEST]
    parts = path.split("/")
    candidates += ["/".join([*parts[:i], MANIFEST]) for i in range(1, len(parts))]
    candidates.append(path + MANIFEST_SUFFIX)
    merged = Manifest()
    for name in candidates:
        if name not in manifests:
            continue
        try:
            values = yaml.safe_load(manifests[name].decode("utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
            merged.problem = f"the manifest {name} cannot be read: {str(error).splitlines()[0]}"
            continue
        if isinstance(values, dict):
            merged.values.update({str(k): v for k, v in values.items() if v is not None})
        elif values is not None:
            merged.problem = f"the manifest {name} is no list of `key: value` lines"
    merged.problem = "; ".join([p for p in (merged.problem, *_questions(merged.values)) if p])
    if merged.complete is not None:
        merged.values["complete"] = "yes" if merged.complete else "no"
    return merged


def _is_encoding(name: str) -> bool:
    try:
        "a".encode(name.strip())
    except (LookupError, ValueError):
        return False
    return True


def _questions(values: dict[str, Any]) -> list[str]:
    """What a manifest says that is not understood."""
    found = [
        f"the manifest has the key '{key}', which is not known; known are {', '.join(KEYS)}"
        for key in values
        if key not in KEYS
    ]
    if values.get("complete") is not None and Manifest(values).complete is None:
        found.append(f"the manifest says complete: {values['complete']}; yes or no is expected")
    if "encoding" in values and not _is_encoding(str(values["encoding"])):
        found.append(f"the manifest names the encoding '{values['encoding']}', which is not known")
    if "timezone" in values and not _is_zone(str(values["timezone"])):
        found.append(f"the manifest names the time zone '{values['timezone']}', which is not known; UTC is taken")
    if "date_order" in values and values["date_order"] not in DATE_ORDERS:
        found.append(
            f"the manifest says date_order: {values['date_order']}; one of {', '.join(DATE_ORDERS)} is expected"
        )
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
