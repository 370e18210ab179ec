"""Kinds of files that `make torture` and probes beside it found: read, or refused in our words, and the other files of
the drop are loaded. Each was seen to end a drop, lose a file, take memory without end or show a library's words.
"""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import random
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from pipelines.contracts import limits
from pipelines.contracts.aliases import LONGEST_NAME, fold
from pipelines.contracts.limits import MAX_REMARK_CHARS
from pipelines.ingest.forms import objects, workbook
from pipelines.ingest.forms.own_csv import row_writer
from pipelines.ingest.landing import archives
from pipelines.ingest.landing.archives import DAMAGES, Allowance, damaged, gunzip
from pipelines.ingest.landing.files import FileDamageError, readable_name, sha256_of
from pipelines.ingest.landing.paging import page_of
from pipelines.ingest.read import read_rows
from pipelines.ingest.read.filled import read_filled
from pipelines.ingest.recognise import recognised
from tests.unit.ingest.landing import USERS, Landing
from tests.unit.ingest.test_limits import PERSON, edited, loaded, only, zipped
from tests.unit.ingest.test_limits import workbook as made

NAMES = USERS.strip()


# ---- a carriage return in a cell


@pytest.mark.parametrize("text", ["one\r\ntwo", "one\rtwo", "\r", "\r\n", "\x1br\x1be\r\x1b"])
@pytest.mark.parametrize("form", ["json", "xlsx", "a text with an open quote"])
def test_a_carriage_return_in_a_cell_is_kept_where_rows_are_read_one_by_one(landing, text, form):
    if form == "json":
        landing.put("list.json", json.dumps([PERSON | {"last_name": f"a{text}b"}]))
    elif form == "xlsx":
        # A workbook keeps it by its number, which the reader takes as it stands; so it is put in as the character.
        data = made([[*PERSON, "last_name"], [*PERSON.values(), "a@@b"]])
        written = text.replace("\r", "&#13;").replace("\x1b", "").encode()
        landing.put("list.xlsx", edited(data, lambda part: part.replace(b"@@", written)))
        text = text.replace("\x1b", "")
    else:
        rows = [f'u{i}@firm.example,A,"a{text}b",User,Revit,T' for i in range(60)]
        landing.put("list.csv", "\n".join([NAMES, *rows, 'x@firm.example,"A,B,User,Revit,T']) + "\n")
    assert only(landing)[1] == "loaded"
    assert landing.con.execute("select distinct last_name from raw.users").fetchall() == [(f"a{text}b",)]


def test_any_text_comes_out_of_the_rows_as_it_was_put_in(landing, tmp_path):
    rng = random.Random(7)
    signs = ["a", "é", "\r", "\n", "\r\n", '"', ",", "\x1b", "\x1be", "\x1br", " "]
    rows = [["x" + "".join(rng.choices(signs, k=rng.randrange(8))) + "x" for _ in range(3)] for _ in range(500)]
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as out:
        write = row_writer(out)
        for row in rows:
            write(row)
    found = landing.con.execute(
        f"select * from read_csv('{tmp_path / 'rows.csv'}', auto_detect=false, header=false, new_line='\\n', "
        "columns={'c0': 'varchar', 'c1': 'varchar', 'c2': 'varchar'}, delim=',', quote='\"', escape='\"')"
    ).fetchall()
    assert [list(row) for row in found] == rows


# ---- archives


def _patched(data: bytes, *places: tuple[int, int]) -> bytes:
    """An archive with bytes of its first entry in the list of contents changed."""
    out = bytearray(data)
    for place, value in places:
        out[out.index(b"PK\x01\x02") + place] = value
    return bytes(out)


ONE = zipped(("users.csv", USERS))
STRANGE = {
    "a newer version": _patched(ONE, (6, 99)),
    "a name that is not UTF-8": _patched(ONE, (9, 8), (46, 0xFF)),
    "a packing that nobody knows": _patched(ONE, (10, 9)),
    "a place beyond the file": _patched(ONE, (45, 0x7F)),
    "a sum that is wrong": _patched(ONE, (16, 1)),
    "gzip with a wrong sum": gzip.compress(USERS.encode(), mtime=0)[:-8] + b"\x01" * 8,
    "gzip with an unknown method": b"\x1f\x8b\x09" + gzip.compress(USERS.encode(), mtime=0)[3:],
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
def test_an_archive_that_is_strange_in_any_way_is_refused_in_our_words(landing, data):
    landing.put("strange", data)
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "is damaged: " in message and "0x" not in message and "Errno" not in message


# What tells a password and another packing, in both headers of a member: the flags, the method.
UNREADABLE = {"a password": (6, 8, 1), "a packing that nobody knows": (8, 10, 9)}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_password_and_a_packing_that_is_not_known_are_told_as_what_they_are_and_name_no_member(what):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ada.csv", USERS)
    local, central, value = UNREADABLE[what]
    data = bytearray(out.getvalue())
    data[local] = data[data.index(b"PK\x01\x02") + central] = value
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(DAMAGES) as raised:
        archive.read("ada.csv")
    said = str(damaged("workbook", raised.value))
    assert "encrypted, or packed in a way that is not known" in said and "ada" not in said and "type" not in said


@pytest.mark.parametrize("beyond", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_day_that_its_offset_takes_out_of_the_calendar_costs_its_row_alone(landing, beyond):
    good = "".join(f"2026-10-{day:02},A,B\n" for day in range(1, 31))
    landing.put("usage.csv", f"day_used,offering_name,product_name\n{good}{beyond},A,B\n")
    name, verdict, read, used, rejected, *_ = only(landing)
    assert (name, verdict, read, used, rejected) == ("seat_usage", "loaded", 31, 30, 1)


def test_a_workbook_with_a_wrong_checksum_in_any_part_is_read_or_refused_in_our_words(landing):
    rows = [line.split(",") for line in USERS.splitlines()]
    names = zipfile.ZipFile(io.BytesIO(made(rows))).namelist()
    for number, name in enumerate(names):
        book = bytearray(made([*rows, [str(number)] + [""] * (len(rows[0]) - 1)]))
        for header, checksum, length in ((b"PK\x03\x04", 14, 30), (b"PK\x01\x02", 16, 46)):
            place = book.index(header)
            while book[place + length :][: len(name)] != name.encode():
                place = book.index(header, place + 4)
            book[place + checksum] ^= 0xFF
        landing.put(f"{number}.xlsx", bytes(book))
    register = loaded(landing)
    assert len(register) == len(names) > 5
    for _, verdict, *_, message in register.values():
        assert verdict in ("loaded", "partial", "rejected"), message
        assert "Error" not in (message or "") and "report this" not in (message or "")
    refused = {names[int(path.split(".")[0])] for path, row in register.items() if row[1] == "rejected"}
    assert {"xl/workbook.xml", "xl/worksheets/sheet1.xml"} <= refused


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_packed_in_another_way_is_read_and_refused_where_it_is_damaged(landing, packing):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("users.csv", NAMES + "\n" + "u@firm.example,A,B,User,Revit,T\n" * 50)
    data = bytearray(out.getvalue())
    landing.put("good.zip", bytes(data))
    data[60:70] = b"\xff" * 10
    landing.put("bad.zip", bytes(data))
    register = loaded(landing)
    assert register["good.zip!users.csv"][1] == "loaded" and register["bad.zip"][1] == "rejected"


def test_a_member_without_a_name_is_read(landing):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x"), NAMES + "\nu@firm.example,A,B,User,Revit,T\n")
    data = out.getvalue().replace(b"x" + NAMES.encode(), NAMES.encode(), 1)
    # Both headers say that the name has no characters.
    local = bytearray(data)
    local[26] = 0
    central = local.index(b"PK\x01\x02")
    local[central + 28] = 0
    del local[central + 46]
    end = local.index(b"PK\x05\x06")
    local[end + 12] -= 1
    local[end + 16 : end + 20] = central.to_bytes(4, "little")
    landing.put("nameless.zip", bytes(local))
    assert loaded(landing)["nameless.zip!(no name)"][1] == "loaded"


@pytest.mark.parametrize("members", [[], [("folder/", "")]], ids=["empty", "a folder alone"])
def test_an_archive_without_a_file_has_its_row_of_the_register(landing, members):
    landing.put("empty.zip", zipped(*members))
    assert only(landing)[-1] == "the archive holds no file"


def test_a_file_that_took_too_long_is_told_without_the_words_of_what_it_ended(landing, monkeypatch):
    def forever(self, path, *rest):
        while path == "slow.csv":
            pass
        return iter(())

    monkeypatch.setattr(recognised._Recogniser, "_text", forever)
    monkeypatch.setattr(read_rows, "seconds_for", lambda size: 0.1)
    landing.put("slow.csv", USERS)
    landing.load()
    message = landing.register()["slow.csv"][-1]
    assert "seconds of processor time" in message and "Error" not in message


def test_a_full_disk_while_unpacking_is_no_damage_of_the_file_whatever_the_file_says(tmp_path, monkeypatch):
    def full(*rest: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x"))
    monkeypatch.setattr(archives, "_copy_limited", full)
    with pytest.raises(OSError, match="No space left"):
        gunzip(tmp_path / "a.gz", tmp_path / "a", Allowance.of(1))
    quoting = zipfile.BadZipFile("File name in directory 'No space left on device' and header differ.")
    assert isinstance(damaged("zip file", quoting), FileDamageError)


# ---- nesting, lengths, counts


@pytest.mark.parametrize("name", ["next", "links", "page"])
def test_json_that_is_nested_beside_its_list_is_refused_and_not_only_where_a_value_is(landing, name):
    deep = f'{{"{name}":' + '{"href":' * 900 + "1" + "}" * 901
    landing.put("answer.json", '{"value":[{"id":"1"}],' + deep[1:])
    _, verdict, *_, message = only(landing)
    assert verdict in ("rejected", "unrecognised") and "recursion" not in message


def test_a_total_of_thousands_of_digits_counts_nothing():
    answer = {"value": [{"id": "1"}], "@odata.count": "9" * 4_000}
    page = page_of(answer)
    assert page is not None and page.total is None
    assert page_of(answer | {"@odata.count": "12"}).total == 12


@pytest.mark.parametrize(
    "text", ["[" + "[]," * 400 + "[]]", '{"value":[' + "0," * 900 + "0]}", "[" + "{}," * 600 + "{}]"]
)
def test_json_of_more_values_than_memory_may_hold_is_refused_before_it_is_parsed(landing, text, monkeypatch):
    monkeypatch.setattr(limits, "MAX_JSON_VALUES", 100)
    monkeypatch.setattr(objects.json, "loads", lambda *rest, **more: pytest.fail("it was parsed"))
    landing.put("many.json", text)
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "values; at most" in message


def test_a_text_that_many_cells_of_a_workbook_share_is_refused_before_it_fills_the_disk(landing, monkeypatch):
    landing.put("shared.xlsx", made([list(PERSON), *[["a@firm.example", "x" * 20_000, "User"]] * 40]))
    assert only(landing)[1] == "loaded"
    monkeypatch.setattr(workbook, "sheet_text_for", lambda size: 400_000)
    _, verdict, *_, message = only(landing_anew(landing))
    assert verdict == "rejected" and "of text; at most" in message


def landing_anew(landing: Landing) -> Landing:
    """The same files for a warehouse that has loaded none of them."""
    fresh = Landing(landing.folder)
    (landing.folder / "landing" / "2026-10" / "zz good.csv").unlink(missing_ok=True)
    return fresh


def test_a_workbook_is_measured_by_processor_time_and_not_by_the_clock_of_a_busy_machine(landing, monkeypatch):
    """The reader is given its seconds as a limit of the system's, and ten times as long by the clock."""
    given = {}

    def run(command, timeout, **more):
        given.update(seconds=int(command[-2]), timeout=timeout)
        return subprocess.CompletedProcess(command, -signal.SIGXCPU, "", "")

    monkeypatch.setattr(workbook.subprocess, "run", run)
    landing.put("slow.xlsx", made([list(PERSON), ["u@firm.example", "Revit", "User"]]))
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "within 10 seconds of processor time" in message
    assert 10 <= given["seconds"] <= 11 and given["timeout"] >= 100


def test_a_remark_shows_the_beginning_and_the_end_of_what_is_long(landing):
    landing.put("long.csv", "x" * 60_000 + "\n1\n")
    landing.put("long.csv.manifest.yml", "input: " + "y" * 50_000)
    landing.put("json.json", json.dumps([{"k" * 30_000: 1}]))
    for path, row in loaded(landing).items():
        assert len(row[-1]) <= 2 * MAX_REMARK_CHARS, path


def test_a_text_that_is_too_long_to_be_a_name_is_compared_with_none():
    """Folding it for every contract and separator took half a second for each line above a header."""
    assert fold("Offering Name") == "offering_name"
    assert fold("x" * LONGEST_NAME) and not fold("x" * (LONGEST_NAME + 1))


def test_a_text_whose_beginning_is_blank_is_not_called_empty(landing):
    landing.put("late.csv", "\n" * 70_000 + USERS)
    assert "blank" in only(landing)[-1]


@pytest.mark.parametrize(
    "said",
    [
        "thread '<unnamed>' panicked at src/lib.rs:1:1\nnote: run with `RUST_BACKTRACE=full` for a verbose backtrace.",
        "memory allocation of 17179869184 bytes failed\nskipping backtrace printing to avoid potential recursion",
        "Traceback (most recent call last):\n  File 'x'\npython_calamine.CalamineError: Cannot detect file format",
        "",
    ],
)
def test_the_last_words_of_the_reader_of_workbooks_are_put_in_plain_ones(said):
    found = workbook.in_plain_words(said)
    assert found and not any(w in found for w in ("Error", "BACKTRACE", "backtrace", "panicked", "allocation", "\n"))


def test_what_is_laid_into_the_mailbox_and_cannot_be_read_is_told_in_our_words(tmp_path):
    damaged_book = bytearray(made([["Decision", "Finding id"], *[["accepted", f"{i:016x}"] for i in range(200)]]))
    place = damaged_book.index(b"xl/worksheets/sheet1.xml") + 24
    damaged_book[place : place + 40] = bytes(40)
    files = {
        "long.csv": b'Decision,"' + b"x" * (limits.MAX_ROW_BYTES * 5) + b'"\n',
        "broken.xlsx": bytes(damaged_book),
        "none.xlsx": zipped(("xl/workbook.xml", "<")),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = read_filled([tmp_path / name for name in files])
    for read in found:
        assert isinstance(read, FileDamageError)
        assert not any(w in str(read) for w in ("Error", "field limit", "decompressing", "0x"))


# ---- the folder


def test_folders_too_deep_to_be_opened_are_named_and_the_other_files_are_read(landing, monkeypatch):
    landing.put("users.csv", USERS)
    monkeypatch.chdir(landing.folder / "landing" / "2026-10")
    for _ in range(45):
        Path("d" * 100).mkdir()
        os.chdir("d" * 100)
    Path("users.csv").write_text(USERS)
    register = loaded(landing)
    os.chdir(landing.folder)
    shutil.rmtree(landing.folder / "landing")  # other tests walk through the folders of all
    assert register.pop("users.csv")[1] == "loaded"
    (row,) = register.values()
    assert row[1] == "unrecognised" and "too deep" in row[-1]


def test_a_name_that_would_be_shown_backwards_is_shown_by_its_characters():
    assert readable_name("invoice\u202egnp.csv") == "invoice\\u202egnp.csv"
    assert readable_name("\u2067a\u2069") == "\\u2067a\\u2069"
    assert readable_name("شركة ١.csv") == "شركة ١.csv"


def test_a_file_that_grows_while_it_is_hashed_is_hashed_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "grows.csv"
    path.write_bytes(b"a" * 10)
    expected = sha256_of(path)
    real = os.fstat

    def grown(handle: int) -> os.stat_result:
        found = real(handle)
        with path.open("ab") as more:
            more.write(b"b" * 100)
        return found

    monkeypatch.setattr(os, "fstat", grown)
    assert sha256_of(path) == expected
