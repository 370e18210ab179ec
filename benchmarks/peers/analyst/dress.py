"""The same estate in other clothes: separators, encodings, containers, header spellings, column order, date and number
forms.

`python -m benchmarks.peers.analyst.dress PLAIN_DATA_DIR DRESSED_DATA_DIR SEED`; what is published must not change but
for evidence and register.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
import shutil
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)Z")
NUMBER = re.compile(r"\d+\.(\d+)")


def _valid(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Wardrobe:
    """One way to write a file, chosen at random."""

    def __init__(self, rng: random.Random, reference: bool) -> None:
        self.rng = rng
        self.container = "plain" if reference else rng.choice(("plain", "plain", "gz", "zip", "xlsx"))
        self.separator = rng.choice(",;\t|")
        self.encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
        self.newline = rng.choice(("\n", "\r\n"))
        self.order = rng.choice((None, None, "dmy", "mdy")) if not reference else None
        self.comma = not reference and self.separator != "," and rng.random() < 0.4
        self.reference = reference

    def header(self, name: str) -> str:
        """Another spelling that folds to the same."""
        words = name.replace("_", " ")
        return self.rng.choice((name, words.title(), words.upper(), f" {words} ", name.replace("_", "-")))

    def cell(self, text: str, column: str) -> str:
        """The same value in another form."""
        if DATE.fullmatch(text) and _valid(text) and self.order:
            year, month, day = text.split("-")
            return f"{day}.{month}.{year}" if self.order == "dmy" else f"{month}/{day}/{year}"
        moment = MOMENT.fullmatch(text)
        if moment and self.rng.random() < 0.5:
            return f"{moment[1]}T{moment[2]}+00:00"
        number = NUMBER.fullmatch(text)
        if number and self.comma and column != "version" and len(number[1]) != 3:
            return text.replace(".", ",")
        return f" {text} " if text and self.rng.random() < 0.1 else text

    def write(self, path: Path, rows: list[list[str]]) -> None:
        """The file, and a manifest with the order of dates where needed."""
        places = list(range(len(rows[0])))
        self.rng.shuffle(places)
        dressed = [[self.header(rows[0][p]) for p in places]] + [
            [self.cell(r[p], rows[0][p]) for p in places] for r in rows[1:]
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.container == "xlsx":
            target = path.with_suffix(".xlsx")
            self.workbook(target, dressed)
        else:
            text = io.StringIO()
            quoting = csv.QUOTE_ALL if self.rng.random() < 0.5 else csv.QUOTE_MINIMAL
            writer = csv.writer(text, delimiter=self.separator, lineterminator=self.newline, quoting=quoting)  # type: ignore[arg-type]
            for row in dressed:
                writer.writerow(row)
                if self.rng.random() < 0.03:
                    text.write(self.newline)
            content = text.getvalue().encode(self.encoding)
            target = path.with_suffix(
                path.suffix + (".gz" if self.container == "gz" else ".zip" if self.container == "zip" else "")
            )
            if self.container == "gz":
                target.write_bytes(gzip.compress(content, mtime=0))
            elif self.container == "zip":
                with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr("export/data.txt", content)
            else:
                target.write_bytes(content)
        if self.order:
            (target.parent / f"{target.name}.manifest.yml").write_text(f"date_order: {self.order}\n")

    def workbook(self, target: Path, rows: list[list[str]]) -> None:
        """A workbook: an empty sheet, perhaps filters, and the rows with real dates and numbers."""
        book = xlsxwriter.Workbook(target)
        book.add_worksheet("Leer")
        if self.rng.random() < 0.5:
            filters = book.add_worksheet("Filter")
            filters.write_row(0, 0, ["Filters applied", "Period: all"])
        sheet, form = book.add_worksheet("Blatt 7"), book.add_format({"num_format": "yyyy-mm-dd"})
        real = self.rng.random() < 0.7
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if number and real and DATE.fullmatch(text) and _valid(text) and date.fromisoformat(text).year > 1950:
                    sheet.write_datetime(number, column, datetime.fromisoformat(text), form)
                elif number and real and NUMBER.fullmatch(text):
                    sheet.write_number(number, column, float(text))
                else:
                    sheet.write_string(number, column, text)
        book.close()


def dress(plain: Path, dressed: Path, seed: int) -> None:
    """Write the landing zone of `plain` once more."""
    rng = random.Random(seed)
    source, target = plain / "landing", dressed / "landing"
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            continue
        if path.suffix != ".csv":
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
            continue
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.reader(handle))
        Wardrobe(rng, "reference" in place.parts or "ref" in place.parts).write(place, rows)


if __name__ == "__main__":
    dress(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
