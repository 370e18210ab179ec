"""How long what is kept: the classes of the setting `retention_months_<class>`, and what its value may be.

Names and numbers only; what is taken away, and that a contract or a claim holds it, `pipelines/run/retention.py` knows.
Source: definition of this project, docs/privacy.md.
"""

from __future__ import annotations

import re

PREFIX = "retention_months_"
DELIVERIES, PERSONS, PACKS, WORK = "deliveries", "persons", "packs", "work"
DECISIONS, TABLES, HISTORY = "decisions", "tables", "history"
# A review looks back twelve months, and two later drops may restate it: what is younger is needed to make a month.
LOOK_BACK = 12
NEEDED = LOOK_BACK + 3
# Class → what it is, and the fewest months that it may be kept.
CLASSES = {
    DELIVERIES: ("what was delivered for a month: raw files, their rows, working tables", NEEDED),
    PERSONS: ("persons in what is published of a month, its former versions and archives of claims", NEEDED),
    PACKS: ("evidence packs, archives of answers to claims and former versions of a month", 1),
    WORK: ("files for those who act on persons: do/, reviewers/, and in privacy mode named/", 1),
    DECISIONS: ("workbooks with decisions that were handed in, and the answers to them", 1),
    TABLES: ("former bytes of the company's tables that publications stood on", 1),
    HISTORY: ("Dagster's runs, their events and logs, and the looks of its sensors", 1),
}
KEYS = {PREFIX + name: f"months that are kept: {what}" for name, (what, _) in CLASSES.items()}
MOST = 1200
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


def months_of(key: str, value: str | None) -> int | None:
    """The months of a setting; None where it is empty, and nothing is taken away. Raises ValueError with what was
    expected.
    """
    text = (value or "").strip()
    least = CLASSES[key.removeprefix(PREFIX)][1]
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= MOST:
        why = " (a review looks back that far)" if least == NEEDED else ""
        raise ValueError(f"{key} is '{text}'; expected a whole number of months of at least {least}{why}, or nothing")
    return int(text)
