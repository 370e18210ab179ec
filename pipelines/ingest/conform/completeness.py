"""Whether each file of a drop holds all there is, from the signs inside the drop: its manifest, its filters, its place
among the pages of an answer.

Signs across drops and rejected files beside loaded ones are dbt's (`int_input_complete`). Source: definition of this
project, docs/exporting.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipelines.contracts import Kind
from pipelines.ingest.conform.judged import Judged
from pipelines.ingest.landing.narrowing import narrowing_block, narrowing_filter, narrowing_title
from pipelines.ingest.landing.paging import CUT_AT, Page
from pipelines.ingest.recognise.around import part_said

# Lists that no company has empty; of the others none may be what there is.
NEVER_EMPTY = ("directory_users", "hr_workers", "subscriptions", "usage_report", "users")


def with_completeness(tables: Sequence[Judged]) -> list[Judged]:
    """The same with `complete` and `incomplete_reason` of every loaded table of an input."""
    concerned = [t for t in tables if t.is_loaded and t.contract.kind is not Kind.REFERENCE]
    answers: dict[tuple[str, ...], list[Page]] = {}
    for table in concerned:
        if table.read.table.page is not None:
            answers.setdefault(_answer(table), []).append(table.read.table.page)
    known = {t.path: _incomplete_reason(t, answers.get(_answer(t), [])) for t in concerned}
    return [
        replace(t, complete=not known[t.path], incomplete_reason=known[t.path]) if t.path in known else t
        for t in tables
    ]


def _incomplete_reason(table: Judged, pages: Sequence[Page]) -> str:
    """The sign that a table does not hold all there is; '' where there is none. pages: those of its answer."""
    if table.manifest.complete is not None:
        return "" if table.manifest.complete else "the manifest says so (complete: no)"
    return _own_reason(table) or of_pages(pages)


def _answer(table: Judged) -> tuple[str, ...]:
    """What the pages of one answer have in common, which lie side by side; of any other table nothing has it."""
    page = table.read.table.page
    if page is None:
        return ()
    folder = re.split(r"[^/!#]*(?:#[^/]*)?$", table.path)[0]
    return (folder, table.contract.name, table.read.match.generation, page.answer)


def _own_reason(judged: Judged) -> str:
    table = judged.read.table
    if judged.contract.name in NEVER_EMPTY and not judged.is_straight and not judged.loaded and not judged.rejected:
        return "it has a header and no row"
    if judged.read.missing:
        return judged.read.missing
    if table.page is not None and table.page.parts:
        return table.page.parts[0]
    for found, where in (
        (narrowing_filter(judged.manifest.values.get("filters")), "the manifest names a filter"),
        (narrowing_block(table.filters), "the workbook names a filter"),
        (narrowing_title(table.titles), "the lines above the header name a filter"),
    ):
        if found:
            return f"{where} ({found[:120]})"
    return part_said(table.titles, judged.read.below, judged.read.rows)


def of_pages(pages: Sequence[Page]) -> str:
    """Why the pages of one answer that are there do not hold all of it; '' where they do."""
    if not pages:
        return ""
    together = " together" if len(pages) > 1 else ""
    rows = _objects(pages)
    totals = [p.total for p in pages if p.total is not None]
    if totals:
        if rows < max(totals):
            return f"the answer announces {max(totals)} objects, but only {rows} were delivered{together}"
        return ""
    counts = [p.pages for p in pages if p.pages is not None]
    if counts:
        numbers = {p.number for p in pages}
        if len(numbers) < max(counts):
            which = ", ".join(str(n) for n in sorted(n for n in numbers if n is not None))
            return f"the answer has {max(counts)} pages, but only page {which or '(no number)'} was delivered"
        return ""
    if all(p.next for p in pages):
        return f"the answer continues: it names a next page ({pages[0].next})"
    if not any(p.next for p in pages) and all(p.cut and p.rows in CUT_AT for p in pages):
        return (
            f"exactly {pages[0].rows} objects, the most that the server returns at once, with neither a total nor a "
            "link to a next page"
        )
    return ""


def _objects(pages: Sequence[Page]) -> int:
    """Objects of all pages, those of overlapping pages once where they have an id."""
    if all(p.ids for p in pages if p.rows):
        return len(frozenset().union(*(p.ids for p in pages)))
    return sum(p.rows for p in pages)
