"""Bytes of a text to UTF-8: byte order marks, the code page that a manifest names, the one that a detection library is
sure of, else Windows-1252.

Looks at no header and no row. Source of the order: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipelines.ingest.landing.files import CHUNK, FileDamageError

UNICODE = ("utf-8", "utf-8-bom", "utf-16-le", "utf-16-be")
# Code pages that lists are saved in, by the names of Python's codecs, and their names in the register. The first is
# taken where nothing is sure.
LATIN = {"cp1252": "windows-1252", "cp1250": "windows-1250", "cp1254": "windows-1254", "cp1257": "windows-1257"}
# What Excel for the Mac saves as CSV; looked for where the words look like those of no other page.
MAC = {"mac_roman": "macintosh"}
OTHERS = {
    "cp1251": "windows-1251",
    "cp1253": "windows-1253",
    "cp932": "shift-jis",
    "gb18030": "gb18030",
    "cp949": "euc-kr",
    "big5": "big5",
}
SCRIPT = {
    "cp1251": ("CYRILLIC",),
    "cp1253": ("GREEK",),
    "cp932": ("CJK", "HIRAGANA", "KATAKANA"),
    "gb18030": ("CJK",),
    "cp949": ("HANGUL",),
    "big5": ("CJK",),
}
# The older set of characters that nearly every text keeps to: another code page read as this one leaves it.
COMMON = {"cp932": "shift_jis", "gb18030": "gb2312", "cp949": "euc_kr"}
VOWELS = set("аеёиоуыэюяіїєѣ")
# How much text is looked at, and from how far into the file.
SAMPLE, REACH = 1 << 16, 1 << 24
# Letters beyond ASCII below which nothing is sure.
ENOUGH = 5
# Share of words that may look odd in the right code page (abbreviations, part numbers).
ODD = 0.05
# Latin letters beyond ASCII among the letters of words that have one: in no language of Europe above this (measured on
# names: 0.5 for short Vietnamese ones).
MOST_ACCENTS = 0.6
TWICE = "its letters had been made UTF-8 twice ('MÃ¼ller' for 'Müller'); they were read as they were before"
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
EXAMPLES, EXAMPLE_CHARS = 3, 40
_CELLS = re.compile(r'[,;|\t\r\n"]+')


@dataclass(frozen=True)
class Decoded:
    """A text in UTF-8, the encoding it was in, and where that is not Unicode three of its texts that show whether it
    was the right one. twice: it was made UTF-8 once too often, and is as it was before.
    """

    path: Path
    encoding: str
    examples: tuple[str, ...] = ()
    twice: bool = False

    @property
    def remark(self) -> str:
        """What to say about it, '' for Unicode as it should be."""
        if self.twice:
            return TWICE
        if not self.examples:
            return ""
        shown = ", ".join(f"'{e}'" for e in self.examples)
        return (
            f"not Unicode, read as {self.encoding}: {shown}; if that is wrong, name the code page in a manifest "
            "(encoding: ...)"
        )


def to_utf8(source: Path, kind: str, target: Path, declared: str | None = None) -> Decoded:
    """The text as UTF-8, the source itself where it is that already. declared: the code page that a manifest or the
    text itself names.

    kind: of `files.kind_of`. Raises FileDamageError if the text cannot be decoded.
    """
    if kind in {"utf16le", "utf16be"}:
        name = "utf-16-le" if kind == "utf16le" else "utf-16-be"
        with source.open("rb") as handle:
            is_marked = handle.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        _transcode(source, "utf-16" if is_marked else name, target)
        return Decoded(target, name)
    if form := _utf8(source):
        with source.open("rb") as handle:
            bom = handle.read(3) == codecs.BOM_UTF8
        name = "utf-8-bom" if bom else "utf-8"
        if form == "utf-8" and _is_twice(_sample(source)) and _transcode_once_less(source, target):
            return Decoded(target, name, twice=True)
        return Decoded(source, name)
    if declared is not None and codecs.lookup(declared).name not in ("utf-8", "ascii"):
        _transcode(source, declared, target)
        return Decoded(target, declared.lower(), _examples(target))
    page = _page(_sample(source))
    if page != "cp1252":
        try:
            _transcode(source, page, target)
        except FileDamageError:
            page = "cp1252"
    if page == "cp1252":
        _transcode(source, page, target)
    return Decoded(target, {**LATIN, **MAC, **OTHERS}[page], _examples(target))


def _once_less(text: str) -> str:
    """A text whose characters are bytes of UTF-8 that were read as Windows-1252, as the text that it was before. Raises
    UnicodeError where it is none.
    """
    # The five bytes that the page leaves undefined are kept as they are by Windows.
    raw = b"".join(bytes([ord(c)]) if ord(c) in _UNDEFINED else c.encode("cp1252") for c in text)
    return raw.decode("utf-8")


def _is_twice(sample: bytes) -> bool:
    """Whether every line of a sample of UTF-8 that holds more than ASCII is UTF-8 read as Windows-1252 (`MÃ¼ller`)."""
    text = sample.decode("utf-8", "ignore").removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if not line.isascii()]
    try:
        restored = [_once_less(line) for line in lines]
    except UnicodeError:
        return False
    return len(lines) >= 2 or any(len(line) - len(r) >= 2 for line, r in zip(lines, restored, strict=True))


def _transcode_once_less(source: Path, target: Path) -> bool:
    """Write a text that was made UTF-8 once too often as it was before; whether all of it could be."""
    try:
        with (
            source.open(encoding="utf-8-sig", newline="") as handle,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while line := handle.readline(CHUNK):
                out.write(line if line.isascii() else _once_less(line))
    except UnicodeError:
        return False
    return True


def _utf8(source: Path) -> str:
    """`ascii` or `utf-8` where a text is that, '' for any other."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    found = "ascii"
    try:
        with source.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                # Most texts are ASCII throughout, which is seen ten times faster.
                if not chunk.isascii() or decoder.getstate()[0]:
                    found = "utf-8"
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return ""
    return found


def _transcode(source: Path, encoding: str, target: Path) -> None:
    try:
        with (
            source.open(encoding=encoding, newline="") as handle,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while chunk := handle.read(CHUNK):
                out.write(chunk)
    except UnicodeError as error:
        cut = " The file ends in the middle of a character." if "truncated" in str(error) else ""
        raise FileDamageError(
            f"the text cannot be decoded as {encoding}: some bytes are not valid in it.{cut} Save it as UTF-8, or name "
            "its code page in a manifest (encoding: cp850 of DOS, for example)"
        ) from error
    except LookupError as error:
        raise FileDamageError(f"the text cannot be decoded as {encoding}: no such code page is known") from error


def _sample(source: Path) -> bytes:
    """Lines that hold bytes beyond ASCII, each once."""
    lines: dict[bytes, None] = {}
    size = read = 0
    with source.open("rb") as handle:
        for line in iter(lambda: handle.readline(SAMPLE), b""):
            read += len(line)
            if not line.isascii() and line not in lines:
                lines[line] = None
                size += len(line)
            if size >= SAMPLE or read >= REACH:
                break
    return b"".join(lines)[: SAMPLE * 2]


def _page(sample: bytes) -> str:
    """The code page that a sample is in, cp1252 where that is not sure."""
    from charset_normalizer import from_bytes  # late: half of the runs meet Unicode only

    readable = {page: words for page in [*LATIN, *OTHERS] if (words := _words(sample, page))}
    fitting = [page for page in OTHERS if page in readable and _is_of(readable[page], page)]
    latin = [page for page in LATIN if page in readable and _is_latin(readable[page])]
    found = [m for m in from_bytes(sample, cp_isolation=[*LATIN, *OTHERS]) if m.encoding in {*fitting, *latin}]
    others = sorted((m for m in found if m.encoding in fitting), key=lambda m: (m.chaos, -m.coherence, m.encoding))
    if others and not latin:
        first, *rest = others
        sure = all(
            m.chaos > first.chaos + 0.02 or (first.coherence > 0 and m.coherence < first.coherence / 2) for m in rest
        )
        return str(first.encoding) if sure else "cp1252"
    # Every letter of Windows-1252 may stand in a name; where symbols stand inside words, it is another one.
    if latin:
        return latin[0]
    of_mac = _words(sample, "mac_roman")
    letters = sum(1 for w in of_mac for c in w if c.isalpha() and not c.isascii())
    is_mac = letters >= ENOUGH and not others and _is_latin(of_mac) and all(w.isalpha() for w in of_mac)
    return "mac_roman" if is_mac else "cp1252"


def _words(sample: bytes, page: str) -> list[str]:
    """The words beyond ASCII of a sample in that code page, none where it cannot be read in it."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        # The sample may end within a character.
        try:
            text = sample[: sample.rfind(b"\n") + 1].decode(page)
        except UnicodeDecodeError:
            return []
    return [w for w in re.split(r'[\s,;|"()\[\]{}<>/.:@_\-–—\'’]+', text) if not w.isascii()]


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0].split("-")[0]


def _is_of(words: list[str], page: str) -> bool:
    """Whether words look like those of a language that the code page is for: its letters, no capitals inside a word, no
    letters that hardly occur.
    """
    letters = [c for w in words for c in w if not c.isascii()]
    own = sum(1 for c in letters if _script(c) in SCRIPT[page] and _is_common(c, page))
    odd = sum(1 for w in words if _is_odd(w, page))
    return len(letters) >= ENOUGH and own >= len(letters) * (1 - ODD) and odd <= len(words) * ODD


def _is_common(letter: str, page: str) -> bool:
    if page not in COMMON:
        return True
    try:
        # A syllable that EUC-KR lacks is spelt out in eight bytes.
        return len(letter.encode(COMMON[page])) <= 2
    except UnicodeEncodeError:
        return False


def _is_odd(word: str, page: str) -> bool:
    if any(a.islower() and b.isupper() for a, b in pairwise(word)):
        return True
    if page == "cp1253":  # the final sigma within a word
        return any(a == "ς" and b.isalpha() for a, b in pairwise(word))
    return (
        page == "cp1251" and len(word) > 3 and word.isalpha() and not word.isupper() and VOWELS.isdisjoint(word.lower())
    )


def _is_latin(words: list[str]) -> bool:
    """Whether words look like those of a language in Latin letters: no symbols glued to letters, not mostly accents, no
    capitals within.
    """
    odd = letters = accents = 0
    for word in words:
        own = [c for c in word if c.isalpha()]
        letters += len(own)
        accents += sum(1 for c in own if not c.isascii())
        glued = any(
            not c.isascii() and not c.isalnum() and i > 0 and i < len(word) - 1 and word[i - 1].isalpha()
            for i, c in enumerate(word)
        )
        starts = len(word) > 1 and not word[0].isascii() and not word[0].isalnum() and word[1].isalpha()
        capitals = any(a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(word))
        odd += glued or starts or capitals
    return odd <= len(words) * ODD and accents <= max(letters, 1) * MOST_ACCENTS


def _examples(path: Path) -> tuple[str, ...]:
    """The first texts of a decoded file that hold letters beyond ASCII."""
    found: dict[str, None] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for line in iter(lambda: handle.readline(SAMPLE), ""):
            if line.isascii():
                continue
            for cell in _CELLS.split(line):
                if any(c.isalpha() and not c.isascii() for c in cell):
                    found.setdefault(cell.strip()[:EXAMPLE_CHARS])
                    if len(found) == EXAMPLES:
                        return tuple(found)
    return tuple(found) or ("no letter beyond ASCII is in it",)
