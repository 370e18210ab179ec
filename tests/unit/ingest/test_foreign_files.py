"""Files that hold no table, and letters that were encoded twice."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from tests.unit.ingest.judged import connection

con = connection()


def zipped(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "x")
    return made.getvalue()


def tarred() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("users.csv"), io.BytesIO())
    return made.getvalue()


MAIL = "From: a@f.example\r\nSubject: Users\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\n\r\n--x\r\nid,mail\r\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
FOREIGN = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "word processor": b"{\\rtf1\\ansi x}",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0",
    "7z": b"7z\xbc\xaf'\x1c\0\x04",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "tar": tarred(),
    "Parquet": b"PAR1\x15\x04PAR1",
    "SQLite": b"SQLite format 3\0\x10",
    "Access": b"\0\1\0\0Standard ACE DB\0",
    "UTF-32": "id,mail".encode("utf-32"),
    "link": b"[InternetShortcut]\r\nURL=https://x.example\r\n",
    "save its attachment": MAIL.encode(),
    "Outlook": OLE + "__substg1.0_001A001E".encode("utf-16-le"),
    "Word": zipped("word/document.xml"),
    "presentation": zipped("ppt/presentation.xml"),
    "XML": b"<?xml version='1.0'?><users><user id='1'/></users>",
    "refusal of a service": b'{"error": {"code": "InvalidAuthenticationToken"}}',
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_holds_no_table_is_called_what_it_is_with_what_to_do(landing, what):
    landing.put("export.csv", FOREIGN[what])
    landing.load()
    ((path, found),) = landing.register().items()
    assert path == "export.csv" and found[1] == "unrecognised"
    assert what in found[7] and any(word in found[7] for word in ("save", "export", "unpack", "open", "hand in"))


@pytest.mark.parametrize("first", ["From: x", "Subject: seats;Content-Type: y"])
def test_a_title_with_a_colon_does_not_make_a_list_a_message(landing, first):
    landing.put("hr.csv", first + "\n\nemployee_id;status;email\n1;active;a@f.example\n")
    landing.load()
    assert landing.register()["hr.csv"][:3] == ("hr_workers", "loaded", 1)


def twice(text: str) -> bytes:
    """A text in UTF-8 that a program read as Windows-1252 and wrote as UTF-8."""
    raw = text.encode()
    undefined = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return "".join(chr(b) if b in undefined else bytes([b]).decode("cp1252") for b in raw).encode()


NAMED = ["Müller", "Lefèvre", "Łukasz", "Ðurić", "Čapek", "Àngel", "İpek", "山田", "Ōta"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_letters_that_were_encoded_twice_are_read_as_they_were(landing, mark):
    rows = "".join(f"{n},active,p{n}@f.example,{name}\n" for n, name in enumerate(NAMED))
    landing.put("hr.csv", mark + b"employee_id,status,email,last_name\n" + twice(rows))
    landing.load()
    assert landing.con.execute("select last_name from raw.hr_workers order by _row_number").fetchall() == [
        (name,) for name in NAMED
    ]
    assert "made UTF-8 twice" in landing.register()["hr.csv"][7]


@pytest.mark.parametrize("names", [NAMED, ["Ã", "Müller"], ["São"], ["Â"], ["MÃ¼ller", "Meyerhöfer"]])
def test_letters_that_were_encoded_once_are_left_alone(landing, names):
    rows = "".join(f"{n},active,p{n}@f.example,{name}\n" for n, name in enumerate(names))
    landing.put("hr.csv", "employee_id,status,email,last_name\n" + rows)
    landing.load()
    assert landing.con.execute("select last_name from raw.hr_workers order by _row_number").fetchall() == [
        (name,) for name in names
    ]
