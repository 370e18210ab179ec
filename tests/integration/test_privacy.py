"""Privacy mode: marked persons are planted in every personal field of a small estate; nothing that is written outside
the folder of named outputs names one of them, or anybody else of the estate.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import hmac
import io
import re
import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.commands.forget import forget
from pipelines.commands.verify import Against, verified
from pipelines.defs.in_process import RunFailedError, execute
from pipelines.errors import DONE, UserError
from pipelines.publish.veil.veil import CLASSES, class_of
from pipelines.run import ingestion
from pipelines.settings import load_settings
from tests.conftest import Reviewed, once, selfaudit
from tests.everything_written import found
from tests.integration.test_decisions import fill_in

MARK, MONTH = "zzmark", "2026-10"
# Marked persons, and every address of the estate.
PERSONS = rb"zz ?mark[a-z0-9]*|[a-z0-9._-]+@(?:nordbau|planwerk|freelance)\.example"
# What stays in the house: what was delivered, the warehouse, and what names persons on purpose.
INSIDE = ("landing/", "warehouse/", "named/", "demo/")
KEYED = {"dispositions.csv", "sign_offs.csv", "contracts.csv"}
GIVEN, FAMILY = {"firstname", "givenname"}, {"lastname", "surname"}
OWN = {
    "employeeid",
    "username",
    "machinename",
    "computer",
    "user",
    "deviceid",
    "hashedautodeskid",
    "by",
    "memberid",
    "id",
}


def plant(path: Path) -> None:
    """Three marked persons at the end of a table, each like a row that is there; in a table with one row for each thing
    one, in the place of such a row.
    """
    content = path.read_bytes()
    packed = path.suffix == ".gz"
    content = gzip.decompress(content) if packed else content
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = content.decode(encoding)
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(",;|\t", key=first.count) if first else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if len(rows) < 2:
        return
    head = [re.sub("[^a-z]", "", cell.lower()) for cell in rows[0]]
    added, instead = [], path.name in KEYED
    for number in range(1, 4):
        row = list(rows[1 + number % (len(rows) - 1)])
        before = list(row)
        for place, name in enumerate(head[: len(row)]):
            if "@" in row[place]:
                row[place] = f"{MARK}{number}@nordbau.example"
            elif name in GIVEN | FAMILY:
                row[place] = f"Zzmark{number}{'given' if name in GIVEN else 'family'}"
            elif name in OWN and row[place]:
                row[place] = f"{MARK}{name}{number}"
        if row != before:
            added.append(row)
            if instead:
                rows.remove(before)
                break
    if not added:
        return
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([*rows, *added])
    made = out.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(made, mtime=0) if packed else made)


@dataclass(frozen=True)
class Private:
    """The folder that was reviewed in privacy mode, and what the command printed."""

    data: Path
    said: str

    def read(self, query: str) -> list[tuple]:
        """Rows of the published file."""
        with closing(duckdb.connect(str(self.data / "published" / "selfaudit.duckdb"), read_only=True)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def private(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Private:
    """The small estate with marked persons, reviewed in privacy mode and kept in Dagster's storage."""

    def make(data: Path) -> str:
        shutil.copytree(small.data / "landing", data / "landing")
        for path in sorted((data / "landing").rglob("*")):
            if path.name.endswith((".csv", ".csv.gz")) and path.name not in ("settings.csv", "person_aliases.csv"):
                plant(path)
        log = data / "landing" / MONTH / "licence server" / "debug.log"
        user = re.search(r'OUT: "\S+" (\w+)@(\S+)', log.read_text())
        assert user
        log.write_text(log.read_text().replace(f"{user[1]}@{user[2]}", f"{MARK}user@{MARK}host"))
        (data / "landing" / MONTH / f"{MARK}1@nordbau.example.txt").write_text("no table\n")
        with (data / "landing" / "reference" / "settings.csv").open("a") as handle:
            handle.write("privacy_mode,on\n")
        reviewed = selfaudit(data, "run", "2026-09..2026-10", "--record")
        assert reviewed.exit_code in (0, 3), reviewed.output
        return reviewed.output

    return Private(*once(tmp_path_factory, "private", make))


def test_every_text_column_that_is_published_is_classified(small: Reviewed):
    with closing(duckdb.connect(str(small.published), read_only=True)) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type like "
            "'%VARCHAR%' and schema_name in ('calendar', 'marts', 'meta')"
        ).fetchall()
    assert len(columns) > 300
    assert [c for c in columns if class_of(*c) not in CLASSES] == []


def test_the_marked_persons_are_reviewed(private: Private):
    """They are in the warehouse and in the named outputs: what is looked for elsewhere could have been there."""
    named = found(private.data / "named", rb"zz ?mark[a-z0-9]*")
    assert any(name.startswith("files/2026-10/deprovisioning_list.csv") for name in named), sorted(named)
    assert len(private.read("select distinct person_key from calendar.findings where person_key like 'person-%'")) > 5


def test_nothing_outside_the_named_folder_names_anybody(private: Private):
    assert found(private.data, PERSONS, INSIDE) == {}
    assert re.findall(PERSONS.decode(), private.said.lower()) == []


def test_named_outputs_and_real_values_are_for_their_owner_alone(private: Private):
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    for path in [private.data / "named", *(private.data / "named").rglob("*")]:
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    for folder in ("warehouse", "state"):
        assert mode(private.data / folder) == 0o700
    assert mode(private.data / "state" / "pseudonyms.key") == 0o600
    published = [p for p in (private.data / "published").rglob("*") if p.is_file()]
    assert published and {mode(p) & 0o027 for p in published} == {0}


def test_one_person_has_one_pseudonym_in_every_table_and_month(private: Private):
    lists = private.read(
        "select count(*), count(p.person_key) from calendar.deprovisioning_list as d left join marts.dim_person as p "
        "using (review_month, person_key)"
    )
    assert lists[0][0] == lists[0][1] > 0
    both = private.read("select count(*) from (select person_key from marts.dim_person group by 1 having count(*) = 2)")
    assert both[0][0] > 50


def test_what_is_published_is_what_the_record_says(private: Private):
    done = selfaudit(private.data, "verify")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("place", ["named", "published"])
def test_a_decision_in_a_workbook_counts_with_names_and_with_pseudonyms(private: Private, tmp_path: Path, place: str):
    source = private.data / place / "files" / MONTH / "deprovisioning_list.xlsx"
    cells = {("List", 2, "Decision"): "accepted"}
    book = tmp_path / "decided.xlsx"
    fill_in(source, book, cells)
    done = selfaudit(private.data, "decide", str(book), "--by", "Reviewer", "--dry-run", "--json")
    assert done.exit_code == 0, done.output
    assert '"new": 0' not in done.output and '"refused": []' in done.output


def test_the_terminal_names_nobody_unless_it_is_asked_to(private: Private):
    ((finding,),) = private.read(
        "select min(finding_id) from calendar.findings where person_key is not null and evidence_count > 0"
    )
    plain, named = selfaudit(private.data, "explain", finding), selfaudit(private.data, "explain", finding, "--named")
    status = selfaudit(private.data, "status")
    assert plain.exit_code == named.exit_code == 0, plain.output + named.output
    assert not re.search(PERSONS, (plain.output + status.output).lower().encode())
    assert "withheld" in plain.output and re.search(PERSONS, named.output.lower().encode())


@pytest.mark.parametrize("words", ["doctor", "verify", "alerts --dry-run", "retain --dry-run"])
def test_a_command_that_looks_or_refuses_names_nobody(private: Private, words: str):
    done = selfaudit(private.data, *words.split())
    assert done.output and not re.search(PERSONS, done.output.lower().encode()), done.output


def test_the_mode_is_not_switched_over_what_is_published(private: Private, tmp_path: Path):
    data = Path(shutil.copytree(private.data, tmp_path / "data", symlinks=True))
    settings = data / "landing" / "reference" / "settings.csv"
    settings.write_text(settings.read_text().replace("privacy_mode,on", "privacy_mode,off"))
    done = selfaudit(data, "run")
    assert done.exit_code == 1 and "privacy_mode was switched off" in done.output
    assert selfaudit(private.data, "verify").exit_code == 0


def test_a_step_that_fails_leaves_no_name_in_dagsters_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = load_settings(tmp_path)
    (settings.landing / MONTH).mkdir(parents=True)
    (settings.landing / MONTH / "users.csv").write_text("email\n")
    (settings.landing / "reference").mkdir()
    (settings.landing / "reference" / "settings.csv").write_text("key,value\nprivacy_mode,on\n")
    fault = f"row 3: '{MARK}1 O'Neill' of {MARK}1@nordbau.example is nobody"

    def ingest(*_: object, progress: Callable[[str], None]) -> None:
        progress(f"reading {fault}")
        try:
            raise ValueError(fault)
        except ValueError as error:
            raise UserError(f"not loaded: {fault}") from error

    monkeypatch.setattr(ingestion, "ingest", ingest)
    settings.apply_to_environment()
    with pytest.raises(RunFailedError, match=r"row 3: '.withheld.' of .withheld. is nobody") as caught:
        execute(settings, [MONTH], None)
    assert MARK not in str(caught.value) and "Neill" not in str(caught.value)
    assert found(settings.data, rb"zzmark1|neill", ("landing/",)) == {}
    assert found(settings.state / "dagster", rb"reading row 3|row 3: ")


@pytest.mark.thorough
def test_a_person_is_forgotten_in_privacy_mode_by_the_pseudonym_and_the_pseudonym_too(private: Private, tmp_path: Path):
    settings = load_settings(Path(shutil.copytree(private.data, tmp_path / "data")))
    key = bytes.fromhex(settings.pseudonym_key.read_text().strip())
    mac = hmac.new(key, f"person:{MARK}1@nordbau.example".encode(), hashlib.sha256).hexdigest()
    shown = f"person-{mac[:16]}"
    # The planted device stands in a row without an address: nothing that was delivered says whose it is.
    own = rf"{MARK}1\b|{MARK}1(?:given|family)|{MARK}(?:employeeid|username|machinename|memberid)1\b|{shown}"
    before = found(settings.data, own.encode())
    assert {name.partition("/")[0] for name in before} >= {"landing", "named", "published", "warehouse"}
    stale = settings.named / "reviewers" / "nobody-000000" / f"{MONTH}.xlsx"
    stale.parent.mkdir()
    stale.write_bytes(b"")
    assert forget(settings, shown, "", date(2026, 11, 30), False, True) == DONE
    assert not stale.exists()
    assert found(settings.data, own.encode()) == {}
    assert found(settings.published, f"{MARK}[23]".encode()) == {}
    assert found(settings.named, f"{MARK}2@".encode()) != {}
    assert verified(settings, Against()).wrong == []
