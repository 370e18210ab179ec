"""Where the files of an output and month lie: Parquet alone in the folders of its data set, so that every reader of
folders takes it as it is; CSV and workbook of all outputs of a month together.

    published/<output>/review_month=YYYY-MM/<output>.parquet
    published/files/YYYY-MM/<output>.csv, <output>.xlsx

Knows names only; writes nothing but where files of an earlier layout are moved.
"""

from __future__ import annotations

from pathlib import Path

FILES = "files"
# Forms of an output that are recorded in the chain of publications.
RECORDED = ("parquet", "csv")
# Forms that people open. They lay beside the Parquet file before 2026-12.
OPENED = ("csv", "xlsx")


def partition_folder(published: Path, output: str, month: str) -> Path:
    """The folder of a month in the data set of an output."""
    return published / output / f"review_month={month}"


def files_folder(published: Path, month: str) -> Path:
    """The folder of what people open of a month."""
    return published / FILES / month


def file_of(published: Path, output: str, month: str, form: str) -> Path:
    """Where an output of a month lies in a form: parquet, csv or xlsx."""
    folder = partition_folder(published, output, month) if form == "parquet" else files_folder(published, month)
    return folder / f"{output}.{form}"


def existing_file(published: Path, output: str, month: str, form: str) -> Path:
    """The same, or where an earlier version of the software left it and no run has moved it yet."""
    path = file_of(published, output, month, form)
    former = partition_folder(published, output, month) / path.name
    return former if former.is_file() and not path.is_file() else path


def migrate_layout(published: Path) -> None:
    """Move CSV files and workbooks that an earlier version of the software laid beside Parquet files to where they lie
    now. What lies there already is newer, and stays.
    """
    for form in OPENED:
        for path in sorted(published.glob(f"*/review_month=*/*.{form}")):
            target = file_of(published, path.stem, path.parent.name.partition("=")[2], form)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                path.unlink()
            else:
                path.replace(target)
