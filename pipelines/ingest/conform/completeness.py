"""Whether each file of a drop holds all there is, from the signs inside the drop: its manifest, its filters, its place
among the pages of an answer.

Signs across drops and rejected files beside loaded ones are dbt's (`int_input_complete`). Source: definition of this
project, docs/exporting.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.contracts import Kind
from pipelines.ingest.conform.entries import Registered, contract_of_entry
from pipelines.ingest.landing.narrowing import narrowing_block, narrowing_filter, narrowing_title
from pipelines.ingest.landing.paging import CUT_AT, Page


def judge_completeness(entries: Sequence[Registered]) -> None:
    """Set `complete` and `incomplete_reason` of every loaded file of an input."""
    loaded = [e for e in entries if e.part.verdict == "loaded" and e.part.match is not None]
    loaded = [e for e in loaded if contract_of_entry(e).kind is not Kind.REFERENCE]
    answers: dict[tuple[str, ...], list[Registered]] = {}
    for entry in loaded:
        if entry.part.page is not None:
            answers.setdefault(_answer(entry, entry.part.page), []).append(entry)
    for entry in loaded:
        page = entry.part.page
        pages = answers[_answer(entry, page)] if page is not None else []
        reason = _own_reason(entry) or of_pages([e.part.page for e in pages if e.part.page is not None])
        if entry.manifest.complete is not None:
            reason = "" if entry.manifest.complete else "the manifest says so (complete: no)"
        entry.complete = not reason
        entry.incomplete_reason = reason


def _answer(entry: Registered, page: Page) -> tuple[str, ...]:
    """What the pages of one answer have in common; pages lie side by side."""
    folder = re.split(r"[^/!#]*(?:#[^/]*)?$", entry.part.path)[0]
    generation = entry.part.match.generation if entry.part.match else ""
    return (folder, contract_of_entry(entry).name, generation, page.answer)


def _own_reason(entry: Registered) -> str:
    part = entry.part
    if part.missing:
        return part.missing
    if part.page is not None and part.page.parts:
        return part.page.parts[0]
    for found, where in (
        (narrowing_filter(entry.manifest.values.get("filters")), "the manifest names a filter"),
        (narrowing_block(part.filters), "the workbook names a filter"),
        (narrowing_title(part.titles), "the lines above the header name a filter"),
    ):
        if found:
            return f"{where} ({found[:120]})"
    return ""


def of_pages(pages: Sequence[Page]) -> str:
    """Why the pages of one answer that are there do not hold all of it; '' where they do."""
    if not pages:
        return ""
    together = " together" if len(pages) > 1 else ""
    rows = _objects(pages)
    totals = [p.total for p in pages if p.total is not None]
    if totals:
        if rows < max(totals):
            return f"the answer counts {max(totals)} objects, {rows} are here{together}"
        return ""
    counts = [p.pages for p in pages if p.pages is not None]
    if counts:
        numbers = {p.number for p in pages}
        if len(numbers) < max(counts):
            which = ", ".join(str(n) for n in sorted(n for n in numbers if n is not None))
            return f"the answer has {max(counts)} pages, here is {which or 'one of them'}"
        return ""
    if all(p.next for p in pages):
        return f"the answer goes on: it names a next page ({pages[0].next})"
    if not any(p.next for p in pages) and all(p.cut and p.rows in CUT_AT for p in pages):
        return (
            f"exactly {pages[0].rows} objects, as many as the server gives at once, and neither a total nor a link "
            "to a next page"
        )
    return ""


def _objects(pages: Sequence[Page]) -> int:
    """Objects of all pages, those of overlapping pages once where they have an id."""
    if all(p.ids for p in pages if p.rows):
        return len(frozenset().union(*(p.ids for p in pages)))
    return sum(p.rows for p in pages)
