"""The second part of `make torture`: somebody who may rewrite anything in a data folder, without the key. Every try is
one to three changes of a copy of a signed folder, by a seed; each must be found by what `selfaudit verify --key` does.

Whoever verifies has the public key and the last head (`--since-head`), and nothing else. Prints each try that is not
found with the seed and the number that make it again. Not a test: the tests try a few.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.cli import main as selfaudit
from pipelines.commands.verify import Against, verified
from pipelines.publish.publications import COLUMNS, SCHEMA, TABLE, Entry, file_sha256, read_chain
from pipelines.publish.seals.check import check_chain
from pipelines.publish.seals.keys import read_public
from pipelines.publish.seals.listing import as_text, from_text, hashes
from pipelines.publish.seals.statements import numbers, path_of, statement_of
from pipelines.run.signing import check
from pipelines.settings import Settings

SIGN_OFFS = "landing/reference/sign_offs.csv"


@dataclass(frozen=True)
class Base:
    """A signed data folder, the state of it one run earlier, the public key, and the last head, kept elsewhere."""

    data: Path
    earlier: Path
    public: Path
    head: str


@dataclass
class Try:
    """A copy that is changed. rng: decides. foreign: a key of the attacker's own."""

    data: Path
    base: Base
    rng: random.Random
    foreign: Ed25519PrivateKey

    def files(self, below: str = "", ending: str = "") -> list[Path]:
        """Files below a folder, in order."""
        found = (p for p in (self.data / below).rglob(f"*{ending}") if p.is_file() and not p.is_symlink())
        return sorted(found)

    def sign(self, path: Path) -> None:
        """A signature by the attacker's own key."""
        path.with_name(f"{path.name}.sig").write_bytes(self.foreign.sign(path.read_bytes()))


def make_base(folder: Path, seed: int, reviewed: Path | None = None) -> Base:
    """Review a small estate, sign it twice with a sign-off between. reviewed: a folder that is reviewed already."""
    data, key = folder / "data", folder / "keys" / "signing.key"
    if reviewed is None:
        selfaudit(["--data", str(data), "demo", "--persons", "100", "--months", "2", "--seed", str(seed)])
    else:
        shutil.copytree(reviewed, data, symlinks=True)
    selfaudit(["--data", str(data), "keys", "new", str(key), "--no-passphrase"])
    os.environ["SELFAUDIT_SIGNING_KEY"] = str(key)
    for activity in ("user_activity_audit", "lrt_pre_audit"):
        earlier = folder / f"before {activity}"
        shutil.copytree(data, earlier, symlinks=True)
        selfaudit(["--data", str(data), "sign-off", activity, "2026-10", "--by", "Ada Example", "--at", "2026-11-20"])
        selfaudit(["--data", str(data), "run"])
    del os.environ["SELFAUDIT_SIGNING_KEY"]
    last = path_of(data / "published", numbers(data / "published")[-1])
    return Base(data, earlier, key.with_name(f"{key.name}.public.pem"), hashlib.sha256(last.read_bytes()).hexdigest())


def _any_file(one: Try) -> Path:
    """A file that somebody or something reads later, of any kind alike."""
    roots = ("published", "warehouse", "state/dbt", "landing", "published/seals", "published/packs", "published/pages")
    found = [p for p in one.files(one.rng.choice(roots)) if "/state/dbt/logs/" not in p.as_posix()]
    return one.rng.choice(found)


def flip(one: Try) -> str:
    """One bit of a file."""
    path = _any_file(one)
    content = bytearray(path.read_bytes())
    if not content:
        content = bytearray(b"x")
    else:
        content[one.rng.randrange(len(content))] ^= 1 << one.rng.randrange(8)
    path.write_bytes(content)
    return str(path)


def cut(one: Try) -> str:
    """The end of a file away, or something added."""
    path = _any_file(one)
    content = path.read_bytes()
    shorter = content[: one.rng.randrange(len(content) + 1)]
    path.write_bytes(shorter if shorter != content else content + b"\n")
    return str(path)


def delete(one: Try) -> str:
    """A file away, with its signature or without."""
    path = _any_file(one)
    path.unlink()
    if one.rng.random() < 0.5:
        path.with_name(f"{path.name}.sig").unlink(missing_ok=True)
    return str(path)


def swap(one: Try) -> str:
    """Two files of a kind exchanged."""
    path = _any_file(one)
    others = [p for p in one.files("published", path.suffix) if p.read_bytes() != path.read_bytes()] or [
        p for p in one.files("published") if p.read_bytes() != path.read_bytes()
    ]
    other = one.rng.choice(others)
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)
    return f"{path} and {other}"


def plant(one: Try) -> str:
    """A file that was not there: a month, a page, a pack, a row of a delivery."""
    name = one.rng.choice(
        (
            "published/packs/2026-07.zip",
            "published/findings/review_month=2026-07/findings.parquet",
            "published/pages/2026-07.html",
            "published/files/2026-10/more.csv",
            "landing/2026-10/late users.csv",
            "landing/reference/late prices.csv",
        )
    )
    path = one.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_any_file(one).read_bytes() + b"\n")
    return str(path)


def link(one: Try) -> str:
    """A file moved away, and a link to where it went."""
    path = one.rng.choice(one.files("published"))
    away = one.data.parent / f"away {path.name}"
    path.replace(away)
    path.symlink_to(away)
    return str(path)


def listed_anew(one: Try) -> str:
    """A published file changed, and the list of files with it; signed with another key or left."""
    path = one.rng.choice(one.files("published", one.rng.choice((".csv", ".xlsx", ".html", ".parquet"))))
    path.write_bytes(path.read_bytes() + b" ")
    _list_anew(one)
    return str(path)


def _list_anew(one: Try) -> None:
    """The list of files, and the last statement with it, as the attacker would have them."""
    published = one.data / "published"
    text = as_text(hashes(one.data))
    (published / "seals" / "files.sha256").write_bytes(text)
    there = numbers(published)
    if not there or one.rng.random() < 0.3:
        return
    path = path_of(published, there[-1])
    with closing(duckdb.connect(str(published / "selfaudit.duckdb"), read_only=True)) as connection:
        chain = read_chain(connection)
    try:
        statement = statement_of(path.read_bytes())
    except ValueError:
        return
    path.write_bytes(
        replace(
            statement,
            files_sha256=hashlib.sha256(text).hexdigest(),
            files=len(from_text(text)),
            chain_length=len(chain),
            chain_hash=chain[-1].entry_hash if chain else "",
        ).as_bytes()
    )
    if one.rng.random() < 0.7:
        one.sign(path)


def chain_anew(one: Try) -> str:
    """Rows of a month away or changed everywhere: partition, CSV, both databases; and the whole chain, pack, list and
    statement made anew so that all agree.
    """
    published, database = one.data / "published", one.data / "published" / "selfaudit.duckdb"
    with closing(duckdb.connect(str(database))) as connection:
        chain = read_chain(connection)
        entry = one.rng.choice([e for e in chain if e.rows > 0 and e.output != "publications"])
        table, month = f'calendar."{entry.output}"', entry.review_month
        connection.execute(f"delete from {table} where review_month = ? and random() < 0.5", [month])
        parquet = published / entry.output / f"review_month={month}" / f"{entry.output}.parquet"
        csv = published / "files" / month / f"{entry.output}.csv"
        rows = f"(select * exclude (review_month) from {table} where review_month = '{month}')"
        connection.execute(f"copy {rows} to '{parquet}' (format parquet)")
        connection.execute(f"copy {rows} to '{csv}' (header)")
        left = connection.execute(f"select count(*) from {table} where review_month = ?", [month]).fetchall()[0][0]
        forged = []
        before = "0" * 64
        for old in chain:
            changed = old
            if (old.output, old.review_month) == (entry.output, month):
                changed = replace(old, rows=left, parquet_sha256=file_sha256(parquet), csv_sha256=file_sha256(csv))
            changed = replace(changed, previous_hash=before).sealed()
            before = changed.entry_hash
            forged.append(changed)
        _write_chain(connection, forged)
    warehouse = one.data / "warehouse" / "selfaudit.duckdb"
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute(f"attach '{database}' as given (read_only)")
        connection.execute(f"delete from {table} where review_month = ?", [month])
        connection.execute(f"insert into {table} by name select * from given.{table} where review_month = ?", [month])
        connection.execute("detach given")
        _write_chain(connection, forged)
    _pack_anew(published / "packs" / f"{month}.zip", {f"{entry.output}/{parquet.name}": parquet.read_bytes()})
    _list_anew(one)
    return f"{entry.output} of {month} and the chain"


def _write_chain(connection: duckdb.DuckDBPyConnection, chain: Sequence[Entry]) -> None:
    connection.execute(f"create or replace table {TABLE} ({SCHEMA})")
    marks = f"({', '.join('?' * len(COLUMNS))})"
    if chain:
        connection.execute(
            f"insert into {TABLE} ({', '.join(COLUMNS)}) values {', '.join([marks] * len(chain))}",
            [getattr(e, name) for e in chain for name in COLUMNS],
        )


def _pack_anew(pack: Path, changed: dict[str, bytes]) -> None:
    """A pack with other members, and a manifest that agrees."""
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | changed
    manifest = json.loads(members["manifest.json"])
    for name in changed:
        manifest["members"][name] = hashlib.sha256(members[name]).hexdigest()
    members["manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name), content)


def pack_replaced(one: Try) -> str:
    """A pack changed so that it agrees with itself, or that of another month with its good signature."""
    packs = one.files("published/packs", ".zip")
    pack = one.rng.choice(packs)
    if one.rng.random() < 0.5 and len(packs) > 1:
        other = one.rng.choice([p for p in packs if p != pack])
        shutil.copyfile(other, pack)
        shutil.copyfile(f"{other}.sig", f"{pack}.sig")
    else:
        _pack_anew(pack, {"rule_parameters.csv": b"rule_id,parameter,value\n"})
        if one.rng.random() < 0.5:
            one.sign(pack)
    return str(pack)


def chain_cut(one: Try) -> str:
    """The last entries of the chain away, in both databases; the last statements with them."""
    taken = one.rng.randrange(1, 20)
    for database in ("published", "warehouse"):
        with closing(duckdb.connect(str(one.data / database / "selfaudit.duckdb"))) as connection:
            connection.execute(f"delete from {TABLE} where place > (select max(place) from {TABLE}) - {taken}")
    if one.rng.random() < 0.5:
        _statements_away(one)
    _list_anew(one)
    return f"{taken} entries"


def _statements_away(one: Try) -> None:
    published = one.data / "published"
    for number in numbers(published)[-one.rng.randrange(1, 3) :]:
        path_of(published, number).unlink()
        path_of(published, number).with_name(f"{number:06d}.json.sig").unlink()


def statements_away(one: Try) -> str:
    """The last statements, or all signatures, away."""
    if one.rng.random() < 0.5:
        _statements_away(one)
    else:
        shutil.rmtree(one.data / "published" / "seals")
    return "statements"


def statement_forged(one: Try) -> str:
    """A statement changed: signed with another key, with the signature of another, or left."""
    published = one.data / "published"
    there = numbers(published)
    path = path_of(published, one.rng.choice(there))
    statement = statement_of(path.read_bytes())
    path.write_bytes(replace(statement, files=statement.files + 1, found=()).as_bytes())
    if one.rng.random() < 0.4:
        one.sign(path)
    elif len(there) > 1:
        other = one.rng.choice([n for n in there if path_of(published, n) != path])
        shutil.copyfile(f"{path_of(published, other)}.sig", f"{path}.sig")
    return str(path)


def another_key(one: Try) -> str:
    """Everything signed anew with another key."""
    for path in [*one.files("published/seals", ".json"), *one.files("published/packs", ".zip")]:
        one.sign(path)
    return "every signature"


def older_state(one: Try) -> str:
    """The whole folder as it was one run ago, signatures and all; or a part of it."""
    part = one.rng.choice(("", "published", "published/seals", "warehouse", "published/packs"))
    if part == "published/packs" and hashes(one.base.earlier / part) == hashes(one.data / part):
        part = "published"
    shutil.rmtree(one.data / part)
    shutil.copytree(one.base.earlier / part, one.data / part, symlinks=True)
    return part or "everything"


def sign_off_changed(one: Try) -> str:
    """A sign-off by another, added, or taken away; its statement with it, or not."""
    table = one.data / SIGN_OFFS
    lines = table.read_text().splitlines()
    row = one.rng.randrange(1, len(lines))
    kind = one.rng.randrange(3)
    if kind == 0:
        lines[row] = lines[row].replace("Ada Example", "Eve") if "Ada Example" in lines[row] else f"{lines[row]}!"
    elif kind == 1:
        lines.append(f"flex_token_consumption,2026-09,Eve,2026-11-20T00:00:00Z,{'0' * 64},")
    else:
        activity, period = lines[row].split(",")[:2]
        del lines[row]
        if one.rng.random() < 0.5:
            for ending in ("json", "json.sig"):
                (one.data / f"published/seals/sign-offs/{period}-{activity}.{ending}").unlink(missing_ok=True)
    table.write_text("\n".join(lines) + "\n")
    return f"sign-off of row {row}"


def warehouse_rows(one: Try) -> str:
    """Rows of the warehouse, of any table, which a next run would publish from."""
    with closing(duckdb.connect(str(one.data / "warehouse" / "selfaudit.duckdb"))) as connection:
        tables = connection.execute(
            "select schema_name || '.\"' || table_name || '\"' from duckdb_tables() where estimated_size > 0 order by 1"
        ).fetchall()
        table = one.rng.choice(tables)[0]
        connection.execute(f"delete from {table} where rowid = (select min(rowid) from {table})")
    return str(table)


ATTACKS: tuple[Callable[[Try], str], ...] = (
    flip,
    cut,
    delete,
    swap,
    plant,
    link,
    listed_anew,
    chain_anew,
    pack_replaced,
    chain_cut,
    statements_away,
    statement_forged,
    another_key,
    older_state,
    sign_off_changed,
    warehouse_rows,
)


def attacked(base: Base, folder: Path, seed: int, number: int) -> tuple[Path, list[str], list[str]]:
    """A copy of the folder with one to three changes; (copy, names of the attacks, what they did)."""
    data = folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.data, data, symlinks=True)
    rng = random.Random(f"{seed}/{number}")
    # A key of the attacker's by the seed, so that a try can be made again.
    foreign = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest())
    one = Try(data, base, rng, foreign)
    names, said = [], []
    chosen = [ATTACKS[number % len(ATTACKS)], *(rng.choice(ATTACKS) for _ in range(rng.choice((0, 0, 0, 1, 2))))]
    for attack in chosen:
        try:
            said.append(attack(one))
            names.append(attack.__name__)
        except (OSError, duckdb.Error, KeyError, IndexError, ValueError, zipfile.BadZipFile):
            if not names:  # one that cannot be made of what is left is passed over, but for the first
                raise
    return data, names, said


def found_by(base: Base, data: Path) -> str:
    """Who finds it: `signatures`, `record` (rows, hashes, raw files), `landing` (a change of the landing zone that the
    next run loads, and that verify tells); '' for nobody.
    """
    settings = Settings(data=data)
    outcome, statements = check(settings, read_public(base.public), None)
    if outcome.wrong:
        return "signatures"
    try:
        with closing(duckdb.connect(str(settings.published_database), read_only=True)) as connection:
            check_chain(read_chain(connection), statements, base.head, outcome)
    except duckdb.Error:
        return "record"
    if outcome.wrong:
        return "signatures"
    whole = verified(settings, Against(key=base.public, since=base.head))
    return "record" if whole.wrong else "landing" if any("after the last run" in n for n in whole.notes) else ""


def main() -> int:
    """Attack, verify; exit code 1 if anything was not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reviewed", type=Path, default=None, help="a folder that is reviewed already")
    arguments = parser.parse_args()
    missed = 0
    by: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        base = make_base(Path(scratch) / "base", 3, arguments.reviewed)
        unchanged = verified(Settings(data=base.data), Against(key=base.public, since=base.head))
        assert not unchanged.wrong and not unchanged.notes, unchanged
        started = time.monotonic()
        for number in range(arguments.tries):
            data, names, said = attacked(base, Path(scratch) / "try", arguments.seed, number)
            who = found_by(base, data)
            by[who or "nobody"] += 1
            kinds.update(names)
            if not who:
                missed += 1
                print(f"seed {arguments.seed}, try {number}: {', '.join(names)}: {'; '.join(said)}", flush=True)
        seconds = time.monotonic() - started
    print(", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
    print(f"{arguments.tries} tries in {seconds:.0f} s, found by: {', '.join(f'{k} {v}' for k, v in by.most_common())}")
    print(f"{missed} not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
