"""The project's own materializations keep what dbt promises of the adapter's: hooks, comments, contracts, refusals of
`--full-refresh`. On a project of a few models that takes the macros from here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT

PROJECT = ROOT / "dbt_project"

MODELS = {
    "a_table": ("table", "select 1 as number"),
    "a_view": ("view", "select 2 as number"),
    "by_parts": ("table_by_parts", "select 3 as number\nunion all -- next part\nselect 4 as number"),
    "history": ("incremental", "select '2026-0{{ var('month') }}' as review_month, 5 as number"),
}
YML = """
version: 2
models:
  - name: {name}
    description: the rows of {name}
    config: {{contract: {{enforced: true}}}}
    columns: [{columns}]
"""
HOOKS = ", ".join(
    f"{when}=[{{'sql': \"insert into main.hook values ('{{{{ this.name }}}}', '{when}', {inside})\", "
    f"'transaction': {inside}}}]"
    for when, inside in (("pre_hook", False), ("post_hook", True))
)


@pytest.fixture
def project(tmp_path: Path):
    """A project with one model of each kind; a function that runs dbt on it."""
    (tmp_path / "models").mkdir()
    for name, (kind, sql) in MODELS.items():
        config = f"materialized='{kind}', persist_docs={{'relation': true}}, {HOOKS}"
        if kind == "incremental":
            config += ", incremental_strategy='append', on_schema_change='fail', full_refresh=false"
        (tmp_path / "models" / f"{name}.sql").write_text(f"{{{{ config({config}) }}}}\n{sql}\n")
        types = {"review_month": "varchar", "number": "integer"}
        columns = [c for c in types if c == "number" or kind == "incremental"]
        text = ", ".join(f"{{name: {c}, data_type: {types[c]}}}" for c in columns)
        (tmp_path / "models" / f"{name}.yml").write_text(YML.format(name=name, columns=text))
    (tmp_path / "dbt_project.yml").write_text(
        "name: selfaudit\nversion: '1.0.0'\nconfig-version: 2\nprofile: tiny\n"
        f"macro-paths: ['{PROJECT / 'macros' / 'engine'}']\nflags: {{send_anonymous_usage_stats: false}}\n"
    )
    (tmp_path / "profiles.yml").write_text(
        f"tiny: {{target: dev, outputs: {{dev: {{type: duckdb, path: '{tmp_path / 'tiny.duckdb'}', threads: 1}}}}}}\n"
    )
    with duckdb.connect(str(tmp_path / "tiny.duckdb")) as con:
        con.execute("create table hook (model varchar, place varchar, is_inside boolean)")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("dbt")), "run", *arguments]
        environment = os.environ | {"DO_NOT_TRACK": "1"}
        return subprocess.run(
            [*command, "--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            check=False,
        )

    run.folder = tmp_path  # type: ignore[attr-defined]
    return run


def test_hooks_comments_contracts_and_the_refusal_of_a_full_refresh_are_those_of_the_adapter(project):
    first = project("--vars", "{month: 1}")
    assert first.returncode == 0, first.stdout[-3000:]
    # A full refresh empties tables of a run, and nothing of what is kept over runs.
    second = project("--full-refresh", "--vars", "{month: 2}")
    assert second.returncode == 0, second.stdout[-3000:]
    with duckdb.connect(str(project.folder / "tiny.duckdb")) as con:
        rows = {n: con.execute(f"select count(*) from {n}").fetchall()[0][0] for n in MODELS}
        assert rows == {"a_table": 1, "a_view": 1, "by_parts": 2, "history": 2}
        hooks = con.execute("select model, place, count(*) from hook group by all order by all").fetchall()
        assert hooks == [(name, place, 2) for name in sorted(MODELS) for place in ("post_hook", "pre_hook")]
        comments = dict(
            con.execute(
                "select table_name, comment from duckdb_tables() "
                "union all select view_name, comment from duckdb_views()"
            ).fetchall()
        )
        assert {n: comments[n] for n in MODELS} == {n: f"the rows of {n}" for n in MODELS}
    # A column of another type than the contract's stops the model.
    for name in MODELS:
        path = project.folder / "models" / f"{name}.yml"
        path.write_text(path.read_text().replace("integer", "varchar"))
    third = project("--vars", "{month: 3}")
    assert third.returncode == 1
    broken = set(re.findall(r"ERROR creating sql \w+ model main\.(\w+)", third.stdout))
    assert broken == set(MODELS), third.stdout[-3000:]
