"""Cells and names of files that would steer a terminal are shown by the numbers of their characters."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.commands import doctor
from pipelines.errors import UserError

CELL = "a\x1b[31mb\x1b]0;title\x07\rc\x9bd\u202ee\u2066"
SHOWN = "a[U+001B][31mb[U+001B]]0;title[U+0007][U+000D]c[U+009B]d[U+202E]e[U+2066]"


@pytest.mark.parametrize("stream", ["stdout", "stderr", "ending"])
def test_what_a_command_prints_steers_no_terminal(
    stream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def work(*_: object) -> int:
        if stream == "ending":
            raise UserError(f"row 3: '{CELL}' is no date")
        print(f"row 3:\t'{CELL}'\nMüller, \u6771", file=getattr(sys, stream))
        return 0

    monkeypatch.setattr(doctor, "doctor", work)
    before = sys.stdout, sys.stderr
    assert cli.main(["--data", str(tmp_path), "doctor"]) == (stream == "ending")
    said = "".join(capsys.readouterr())
    wanted = (
        f"selfaudit: row 3: '{SHOWN}' is no date\n" if stream == "ending" else f"row 3:\t'{SHOWN}'\nMüller, \u6771\n"
    )
    assert said == wanted
    assert (sys.stdout, sys.stderr) == before
