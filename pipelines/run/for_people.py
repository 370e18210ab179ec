"""Files for people, made only from the published DuckDB file: workbooks, pages, work files, the calendar file. Only
those whose content has changed are written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib.metadata import version

import duckdb

from pipelines.failures import omissions
from pipelines.failures.isolation import Spared
from pipelines.ingest.landing.files import drops_with_files
from pipelines.ingest.landing.strays import strays
from pipelines.publish import publications
from pipelines.publish.displayed_content import DisplayedContent
from pipelines.publish.places import migrate_layout
from pipelines.publish.work_files import FOLDER as DO
from pipelines.publish.work_files import write_work_files
from pipelines.publish.workbooks import reviewers
from pipelines.publish.workbooks.parallel import SecondWriter, WorkbookError, second_writer, write_all
from pipelines.publish.workbooks.write import books_of, path_of, remove_former_books
from pipelines.reference.retention import PERSONS, WORK
from pipelines.reviews.sign_off import due_as_icalendar
from pipelines.run import dbt_call, discretion, privacy
from pipelines.run.progress import Progress
from pipelines.run.published_file import write_published_file
from pipelines.settings import LATEST, Settings
from pipelines.warehouse import connect, connect_file, insert_rows


def publish_for_people(
    settings: Settings,
    months: Sequence[str],
    progress: Progress,
    second: SecondWriter,
    remembered: Mapping[str, str],
) -> dict[str, str]:
    """Write the workbooks and pages of the months whose content has changed, and the index, only from the published
    DuckDB file. Failures are recorded, in that file too.

    remembered: path → fingerprint of the content last written (`publish/displayed_content.py`). Returns the same for
    the files written now.
    """
    from pipelines.report.pages import pages_shown, write_pages

    database, folder = settings.published_database, settings.published
    private = privacy.mode_of(settings)
    with closing(connect_file(database)) as published:
        spared = Spared(omissions.read(published, "meta.not_made"))
        shown = DisplayedContent(published, f"{version('selfaudit')} {dbt_call.project_fingerprint()}")
        with_work = _months_with_work(published, months)
        said: dict[str, str] = {}
        books = []
        latest = max([*drops_with_files(settings.landing), *months])
        for book in books_of(published, months, spared.missing(omissions.OUTPUT)):
            path = path_of(folder, book)
            if settings.workbooks == LATEST and book[1] != latest and not path.is_file():
                continue
            name = str(path.relative_to(folder))
            said[name] = shown.book(*book)
            if remembered.get(name) != said[name] or not path.is_file():
                books.append(book)
        remove_former_books(folder, months)
        written = write_all(published, database, books, folder, settings.scratch, second, spared)
        found = {name: said[name] for name in (str(path.relative_to(folder)) for path in written)}
        progress(f"{len(written)} workbooks written" + _unchanged(len(said) - len(books)))
        for month in () if private else with_work:
            found |= _write_for_reviewers(published, settings, month, month == latest, shown, remembered, spared)
        if private:
            with spared.part(omissions.FILE, "named", latest, "the writer of the outputs that name persons"):
                privacy.write_named(settings, with_work, latest, spared)
    _note(settings, spared)
    with closing(connect_file(database)) as published:
        spared = Spared(omissions.read(published, "meta.not_made"))
        shown = DisplayedContent(published, shown.software_given)
        not_read = discretion.said(settings, [stray.sentence() for stray in strays(settings.landing)])
        said = {name: text for month in months for name, text in pages_shown(published, shown, month).items()}
        as_they_were = {n for n, text in said.items() if remembered.get(n) == text and (folder / n).is_file()}
        made = write_pages(published, months, folder, settings.scratch, spared, not_read, as_they_were)
        progress(f"{len(made)} pages written" + _unchanged(len(as_they_were)))
        names = {str(path.relative_to(folder)) for path in made}
        found |= {name: text for name, text in said.items() if name in names}
        for month in () if private else with_work:
            with spared.part(omissions.FILE, f"do/{month}", month, "the writer of the files that do the work"):
                write_work_files(published, month, folder / DO / month, settings.scratch)
        with spared.part(omissions.FILE, "reviews.ics", max(months), "the writer of the calendar file"):
            _write_icalendar(published, settings)
    _note(settings, spared)
    return found


def _months_with_work(published: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """The months that have work files: not those whose work files, or persons, were deleted at the end of a retention
    period.
    """
    chain = publications.read_chain(published)
    without = publications.months_removed(chain, WORK) | publications.months_removed(chain, PERSONS)
    return [m for m in months if m not in without]


def _write_for_reviewers(
    published: duckdb.DuckDBPyConnection,
    settings: Settings,
    month: str,
    is_latest: bool,
    shown: DisplayedContent,
    remembered: Mapping[str, str],
    spared: Spared,
) -> dict[str, str]:
    """Write a month's workbooks of responsible persons whose content has changed; for an earlier month only if it has
    some already. The workbook of a person without actions is deleted. Returns the fingerprints of those written.
    """
    folder = settings.published
    there = {p.relative_to(folder).as_posix(): p for p in (folder / reviewers.FOLDER).glob(f"*/{month}.xlsx")}
    if not there and not is_latest:
        return {}
    said: dict[str, str] = {}
    name = f"{reviewers.FOLDER}/*/{month}.xlsx"
    with spared.part(omissions.WORKBOOK, name, month, "the writer of workbooks"):
        books = reviewers.reviewer_books(published, month)
        for book in books:
            text = book.shows(shown.software)
            if remembered.get(book.path) != text or book.path not in there:
                reviewers.write_reviewer_book(book, folder, settings.scratch)
                said[book.path] = text
        for path in sorted(set(there) - {b.path for b in books}):
            there[path].unlink()
    return said


def write_workbooks(settings: Settings, months: Sequence[str]) -> list[str]:
    """Write every workbook of these months from the published file, whatever the setting. Returns their paths below the
    published folder.

    Raises the errors of the workbook writer: nothing else depends on it here.
    """
    database, folder = settings.published_database, settings.published
    migrate_layout(folder)
    with closing(connect_file(database)) as published, second_writer() as second:
        spared = Spared(omissions.read(published, "meta.not_made"))
        books = books_of(published, months, spared.missing(omissions.OUTPUT))
        shown = DisplayedContent(published, f"{version('selfaudit')} {dbt_call.project_fingerprint()}")
        written = write_all(published, database, books, folder, settings.scratch, second, spared)
        said = {str(path_of(folder, book).relative_to(folder)): shown.book(*book) for book in books}
        mine: dict[str, str] = {}
        private = privacy.mode_of(settings)
        for month in () if private else months:
            mine |= _write_for_reviewers(published, settings, month, True, shown, {}, spared)
    said |= mine
    names = [*(str(path.relative_to(folder)) for path in written), *mine]
    with connect(settings) as connection:
        remember_shown(connection, {name: said[name] for name in names})
    if spared.unmade:
        raise WorkbookError(f"{spared.unmade[0].name}: {spared.unmade[0].reason}")
    return names


def remembered_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Path → fingerprint of the content last written."""
    return dict(connection.execute("select path, sha256 from raw.shown").fetchall())


def remember_shown(connection: duckdb.DuckDBPyConnection, shown: Mapping[str, str]) -> None:
    """Record the content of written files: path → fingerprint (`publish/displayed_content.py`)."""
    connection.execute("delete from raw.shown where list_contains(?, path)", [list(shown)])
    insert_rows(connection, "raw.shown", ("path", "sha256"), sorted(shown.items()))


def _unchanged(number: int) -> str:
    return f", {number} as they were" if number else ""


def _note(settings: Settings, spared: Spared) -> None:
    """Add failures since the DuckDB file was written to the record, in that file too."""
    if spared.unmade:
        with connect(settings) as connection:
            omissions.remember(connection, spared.unmade)
            write_published_file(settings, connection)


def _write_icalendar(published: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write published/reviews.ics: reviews that need action, for the calendar program of reviewers."""
    names = ("activity", "output", "period", "contract_number", "subject", "is_ahead", "due_on", "state")
    # Upcoming reviews are taken from the latest month.
    rows = published.execute(
        f"select {', '.join(names)} from calendar.review_calendar "
        "where not is_ahead or review_month = (select max(review_month) from calendar.review_calendar) order by all"
    ).fetchall()
    stamp = published.execute("select max(produced_at) from calendar.review_calendar").fetchall()[0][0]
    part, target = settings.scratch / "reviews.ics", settings.published / "reviews.ics"
    text = due_as_icalendar([dict(zip(names, row, strict=True)) for row in rows], stamp)
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(target)
