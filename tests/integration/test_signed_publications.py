"""A signed publication: the recipe of docs/evidence.md finds what selfaudit finds, an attacker without the key is
found, and a run does not sign for what somebody else changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import attacker
from pipelines.cli import main
from pipelines.commands.verify import Against, verified
from pipelines.publish.seals.memory import read, write
from pipelines.publish.seals.statements import last, path_of
from pipelines.settings import Settings
from tests.conftest import ROOT, Reviewed
from tests.unit.test_seals import authority, openssl

__all__ = ["authority"]
SEED = 4
pytestmark = [pytest.mark.slow, pytest.mark.thorough]


@pytest.fixture(scope="module")
def base(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> attacker.Base:
    """The small estate, signed twice with a sign-off between."""
    return attacker.make_base(tmp_path_factory.mktemp("signed"), SEED, small.data)


@pytest.fixture
def changed(base: attacker.Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy to be changed, with a copy of what is remembered of it, and the key in the environment."""
    keys = shutil.copytree(base.public.parent, tmp_path / "keys")
    monkeypatch.setenv("SELFAUDIT_SIGNING_KEY", str(keys / "signing.key"))
    yield Path(shutil.copytree(base.data, tmp_path / "data", symlinks=True))


def found(data: Path, base: attacker.Base, since: str = "") -> list[str]:
    return verified(Settings(data=data), Against(key=base.public, since=since)).wrong


def recipe(data: Path, key: Path) -> str:
    """What the commands of the page print."""
    openssl()
    page = (ROOT / "docs" / "evidence.md").read_text()
    (commands,) = re.findall(r"```sh\n(.*?)```", page, flags=re.S)
    assert len(commands.splitlines()) <= 10
    done = subprocess.run(
        ["bash", "-c", commands],
        env={**os.environ, "DATA": str(data), "KEY": str(key)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_recipe_of_the_page_finds_nothing_where_nothing_was_changed(base: attacker.Base):
    assert recipe(base.data, base.public) == ""
    assert found(base.data, base, base.head) == []


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (attacker.another_key, "not signed: published/packs/2026-10.zip"),
        (attacker.pack_replaced, "published/packs"),
        (attacker.statement_forged, "not signed: published/seals/"),
        (attacker.chain_anew, "not signed: published/packs/"),
        (attacker.sign_off_changed, "sign_offs.csv: FAILED"),
        (attacker.flip, "FAILED"),
    ],
)
def test_the_recipe_of_the_page_finds(changed: Path, base: attacker.Base, attack, words: str):
    rng = attacker.random.Random(SEED)
    attack(attacker.Try(changed, base, rng, attacker.Ed25519PrivateKey.generate()))
    said = recipe(changed, base.public)
    assert words in said or "another list" in said, said


def test_a_planted_file_is_named_by_the_recipe(changed: Path, base: attacker.Base):
    (changed / "published" / "pages" / "2026-07.html").write_text("nothing to see")
    assert recipe(changed, base.public) == "published/pages/2026-07.html\n"


def test_whoever_may_write_the_folder_without_the_key_is_found(base: attacker.Base, tmp_path: Path):
    """Each kind of attack once; `make torture` tries a thousand."""
    for number in range(len(attacker.ATTACKS)):
        data, names, said = attacker.attacked(base, tmp_path / "try", SEED, number)
        assert attacker.found_by(base, data), (names, said)


@pytest.mark.parametrize("name", ["000001.json", "000001.json.sig", "files.sha256"])
def test_a_link_in_the_place_of_a_signature_is_found(changed: Path, base: attacker.Base, tmp_path: Path, name: str):
    """What it leads to is the same today and another tomorrow."""
    path = changed / "published" / "seals" / name
    path.replace(tmp_path / "away")
    path.symlink_to(tmp_path / "away")
    assert found(changed, base)


def test_an_older_folder_that_was_put_back_whole_is_known_by_the_head_that_was_kept(base: attacker.Base):
    assert found(base.earlier, base) == []
    assert "an older state was restored" in found(base.earlier, base, base.head)[0]


def test_an_older_folder_is_known_by_the_account_that_signs(
    base: attacker.Base, changed: Path, capsys: pytest.CaptureFixture[str]
):
    shutil.rmtree(changed)
    shutil.copytree(base.earlier, changed, symlinks=True)
    assert main(["--data", str(changed), "verify"]) == 1
    assert "an older state was restored, or statements were removed" in capsys.readouterr().out


def test_a_run_does_not_sign_for_what_somebody_else_changed(
    changed: Path, base: attacker.Base, capsys: pytest.CaptureFixture[str]
):
    page, pack = changed / "published/pages/2026-09.html", changed / "published/packs/2026-09.zip"
    page.write_text("nothing to see")
    shutil.copyfile(changed / "published/packs/2026-10.zip", pack)
    (changed / "published/packs/2026-07.zip").write_bytes(b"planted")
    assert main(["--data", str(changed), "run"]) == 0
    assert "published/pages/2026-09.html was changed after the last signature" in capsys.readouterr().out
    made = last(changed / "published")
    assert made and any("2026-09.html" in sentence for sentence in made[0].found)
    wrong = "\n".join(found(changed, base))
    for name in (
        "pages/2026-09.html was changed",
        "packs/2026-09.zip does not match its signature",
        "2026-07.zip has no sign",
    ):
        assert name in wrong


def test_what_a_killed_run_left_is_taken_with_a_word_about_it(changed: Path, base: attacker.Base):
    (changed / "published/pages/2026-09.html").write_text("half a page")
    memory = Path(os.environ["SELFAUDIT_SIGNING_KEY"] + ".memory")
    write(memory, replace(read(memory), begun=True))
    assert main(["--data", str(changed), "run"]) == 0
    outcome = verified(Settings(data=changed), Against(key=base.public))
    assert outcome.wrong == [] and any("a run before it was interrupted" in note for note in outcome.notes)


def test_a_statement_is_stamped_when_the_authority_answers_again(
    changed: Path,
    base: attacker.Base,
    authority: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    address, root = authority
    monkeypatch.setenv("SELFAUDIT_TSA_HOSTS", "127.0.0.1")
    monkeypatch.setenv("SELFAUDIT_TSA_URL", "http://127.0.0.1:9/")
    assert main(["--data", str(changed), "run"]) == 0
    assert "has no time stamp" in capsys.readouterr().err
    monkeypatch.setenv("SELFAUDIT_TSA_URL", address)
    monkeypatch.setenv("SELFAUDIT_TSA_ROOTS", str(root))
    assert main(["--data", str(changed), "run"]) == 0
    published = changed / "published"
    made = last(published)
    assert made
    stamp = path_of(published, made[0].number).with_name(f"{made[0].number:06d}.json.tsr")
    outcome = verified(Settings(data=changed), Against(key=base.public, roots=root))
    assert outcome.wrong == [] and any("the last time stamp is of statement" in note for note in outcome.notes)
    content = bytearray(stamp.read_bytes())
    content[-20] ^= 1
    stamp.write_bytes(content)
    assert "is not a valid time stamp of its statement" in str(
        verified(Settings(data=changed), Against(base.public, root)).wrong
    )


def test_a_first_run_that_comes_to_nothing_leaves_no_word_about_a_killed_one(
    changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SELFAUDIT_SEAL_MEMORY", str(tmp_path / "memory"))
    assert main(["--data", str(tmp_path / "empty"), "run"]) == 1
    assert not read(tmp_path / "memory").begun


def test_another_data_folder_needs_a_memory_of_its_own(
    changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["--data", str(tmp_path / "empty"), "run"]) == 1
    assert "needs a memory of its own" in capsys.readouterr().err


def test_a_key_that_cannot_be_used_ends_the_run_in_words(
    changed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SELFAUDIT_SIGNING_KEY", str(changed / "nowhere.key"))
    assert main(["--data", str(changed), "run"]) == 1
    assert "is in the data folder" in capsys.readouterr().err
