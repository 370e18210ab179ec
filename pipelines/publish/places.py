"""Paths of the files of an output and month: Parquet alone in the folders of its data set, so that any reader can load
the folder as a whole; CSV files and workbooks of all outputs of a month together.

    published/<output>/review_month=YYYY-MM/<output>.parquet
    published/files/YYYY-MM/<output>.csv, <output>.xlsx

Builds paths only; writes nothing except when it moves files of an earlier layout.
"""

from __future__ import annotations

from pathlib import Path

FILES = "files"
# File formats recorded in the chain of publications.
RECORDED = ("parquet", "csv")
# Formats that people open. Before 2026-12 they were stored next to the Parquet file.
OPENED = ("csv", "xlsx")


def partition_folder(published: Path, output: str, month: str) -> Path:
    """The partition folder of a month in the data set of an output."""
    return published / output / f"review_month={month}"


def files_folder(published: Path, month: str) -> Path:
    """The folder of a month's files for people."""
    return published / FILES / month


def file_of(published: Path, output: str, month: str, form: str) -> Path:
    """Path of an output's file for a month. form: parquet, csv or xlsx."""
    folder = partition_folder(published, output, month) if form == "parquet" else files_folder(published, month)
    return folder / f"{output}.{form}"


def existing_file(published: Path, output: str, month: str, form: str) -> Path:
    """Like `file_of`, or the path used by an earlier version of the software if no run has moved the file yet."""
    path = file_of(published, output, month, form)
    former = partition_folder(published, output, month) / path.name
    return former if former.is_file() and not path.is_file() else path


def migrate_layout(published: Path) -> None:
    """Move CSV files and workbooks that an earlier version of the software stored next to Parquet files to their
    present location. A file that already exists there is newer and is kept.
    """
    for form in OPENED:
        for path in sorted(published.glob(f"*/review_month=*/*.{form}")):
            target = file_of(published, path.stem, path.parent.name.partition("=")[2], form)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                path.unlink()
            else:
                path.replace(target)
