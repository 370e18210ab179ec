"""A table of texts: what every reader and adapter hands to conformance. Holds the shape only, no reading and no
types.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.ingest.landing.paging import Page


@dataclass
class TextTable:
    """Header as delivered, rows of texts (None = no value) of the header's length, the form it was read from, and the
    page that the answer is, if it is one.
    """

    header: list[str]
    rows: Iterable[list[str | None]]
    form: str
    page: Page | None = None
    # Of an answer of the Team Admin API: what it lists, and the team that answer or request name.
    answers: str = ""
    team: str = ""
