"""The examples of the page on where it runs: they fit this version, and every setting that is read is documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from pipelines.defs.instance import INSTANCE

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
LOCKED = dict(
    re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.M)
)
# Set by one part of the software for another; nobody else has a reason to.
INTERNAL = {"SELFAUDIT_RESTATED", "SELFAUDIT_WAREHOUSE", "SELFAUDIT_SCRATCH"}


def test_the_lines_for_postgres_can_be_added_to_the_instance_that_is_written():
    added = yaml.safe_load((DEPLOY / "dagster-postgres.yaml").read_text(encoding="utf-8"))
    assert not set(added) & set(yaml.safe_load(INSTANCE))
    assert added["storage"]["postgres"]["postgres_db"]["scheme"] == "postgresql+psycopg2"
    both = yaml.safe_load(INSTANCE + (DEPLOY / "dagster-postgres.yaml").read_text(encoding="utf-8"))
    assert set(both) == set(added) | set(yaml.safe_load(INSTANCE))


def test_packages_beside_the_lock_file_are_of_the_version_that_goes_with_it():
    said = re.findall(
        r"(dagster-postgres|dagster-k8s)==([0-9.]+)",
        (DEPLOY / "Containerfile").read_text(encoding="utf-8")
        + (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8"),
    )
    assert len(said) >= 3 and {version for _, version in said} == {LOCKED["dagster-dbt"]}
    assert f"--version {LOCKED['dagster']} " in (DEPLOY / "helm-values.yaml").read_text(encoding="utf-8")


def test_the_container_copies_what_is_there_and_starts_a_command_that_is_there():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (\S+) ", text, flags=re.M):
        assert (ROOT / source).exists(), source
    assert 'ENTRYPOINT ["selfaudit"]' in text and "--require-hashes" in text


def test_the_values_for_kubernetes_name_the_code_location_and_allow_one_run_at_a_time():
    values = yaml.safe_load((DEPLOY / "helm-values.yaml").read_text(encoding="utf-8"))
    (location,) = values["dagster-user-deployments"]["deployments"]
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    assert location["dagsterApiGrpcArgs"][1] == workspace["load_from"][0]["python_module"]["module_name"]
    assert values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]["maxConcurrentRuns"] == 1
    mounted = {m["mountPath"] for m in location["volumeMounts"]}
    assert location["env"]["SELFAUDIT_DATA"] in mounted


def test_every_setting_that_is_read_is_documented():
    read = set(re.findall(r"SELFAUDIT_[A-Z_]+", (ROOT / "pipelines" / "settings.py").read_text(encoding="utf-8")))
    pages = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs").rglob("*.md"))
    assert read, "no setting is found where they are read"
    assert sorted(n for n in read - INTERNAL if f"`{n}`" not in pages) == []


def test_an_image_takes_in_what_is_named_and_nothing_else_and_runs_as_an_ordinary_user():
    lines = [n for n in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if n and n[0] != "#"]
    named = {n[1:].rstrip("/") for n in lines if n.startswith("!")}
    assert lines[0] == "*" and not {n.split("/")[0] for n in named} & {"data", "tests", ".git", ".env"}
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    wheel = needed["wheel"]
    assert {p.split("/")[0] for p in [*wheel["packages"], *wheel["force-include"]]} <= named
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^COPY (\S+) ", text, flags=re.M)) - {"."} <= named
    assert re.search(r"^USER 10001$", text, flags=re.M) and text.index("USER 10001") > text.rindex("RUN ")
