"""The package as somebody gets it who has no checkout: built, installed elsewhere, run in any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT

# What a run may not find by accident: settings of the developer's machine, and the checkout by way of PYTHONPATH.
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT", "PYTHON"))}


def build(target: Path) -> Path:
    """An sdist of the checkout, then the wheel of that sdist; returns the wheel."""
    hatch = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    subprocess.run([*hatch, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    (sdist,) = target.glob("*.tar.gz")
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(target)], check=True)
    subprocess.run(
        [*hatch, "-t", "wheel"], cwd=target / sdist.name.removesuffix(".tar.gz"), check=True, capture_output=True
    )
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


def test_the_same_checkout_gives_the_same_wheel(wheel: Path, tmp_path: Path):
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_a_wheel_holds_the_project_and_nothing_of_a_developers_machine(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    models = [p.name for p in (ROOT / "dbt_project" / "models").rglob("*.sql")]
    assert {n.rpartition("/")[2] for n in names if "/dbt_project/models/" in n and n.endswith(".sql")} == set(models)
    assert [n for n in names if "/target/" in n or "/logs/" in n or n.startswith("tests/") or "__pycache__" in n] == []


@pytest.mark.thorough
@pytest.mark.slow
def test_an_installed_package_reviews_the_demo_without_a_checkout(wheel: Path, tmp_path: Path):
    venv.create(tmp_path / "venv", with_pip=False)
    packages = next((tmp_path / "venv" / "lib").glob("python3*/site-packages"))
    zipfile.ZipFile(wheel).extractall(packages)
    # Its dependencies are those of this environment; what is installed there for development only is not followed.
    (packages / "dependencies.pth").write_text(f"{Path(duckdb.__file__).parents[1]}\n")
    for path in packages.joinpath("pipelines").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    command = [str(tmp_path / "venv" / "bin" / "python"), "-m", "pipelines.cli", "--data", str(tmp_path / "data")]
    done = subprocess.run(
        [*command, "demo", "--persons", "100", "--months", "1"],
        cwd=tmp_path,
        env=CLEAN,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(tmp_path / "data" / "published" / "selfaudit.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from calendar.findings").fetchall()[0][0] > 50
    named = subprocess.run(
        [*command[:3], "--version"], cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=True
    )
    assert named.stdout.startswith("selfaudit ")
