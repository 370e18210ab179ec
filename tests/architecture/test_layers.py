"""The house: who may import what, who opens the warehouse, where clocks and environment are read, how models are
written.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = sorted((ROOT / "pipelines").rglob("*.py"))
MODELS = sorted((ROOT / "dbt_project" / "models").rglob("*.sql"))
PYTHON_MODELS = sorted((ROOT / "dbt_project" / "models").rglob("*.py"))

# Room → rooms it may import from, besides itself and those that every room may import. A module of the root is a room.
EVERY_ROOM = {"settings", "partitions", "errors", "warehouse"}
BELOW_RUN = {
    "contracts", "failures", "ingest", "publish", "quality", "reference", "report", "resources", "reviews",
    "substitution",
}  # fmt: skip
MAY_IMPORT = {
    "__init__": set(),
    "partitions": set(),
    "resources": set(),
    "settings": {"resources"},
    "errors": {"settings"},
    "warehouse": {"resources", "settings"},
    "contracts": set(),
    "relations": set(),
    "flexnet": {"contracts"},
    "reference": {"contracts"},
    "ingest": {"contracts", "flexnet", "reference"},
    "quality": {"contracts", "ingest"},
    "forecast": set(),
    "optimise": {"reference"},
    "reviews": set(),
    "failures": set(),
    "alerts": {"reviews", "failures", "ingest", "resources"},
    "publish": {"failures", "resources"},
    "substitution": set(),
    "report": {"contracts", "failures", "publish", "reviews"},
    "demo": {"contracts"},
    "guide": {"contracts", "publish"},
    "run": BELOW_RUN,
    "spark": set(),
    "defs": {"alerts", "guide", "run"} | BELOW_RUN,
    "commands": {"alerts", "defs", "demo", "guide", "run"} | BELOW_RUN,
    "cli": {"commands"},
    "definitions": {"defs"},
}
ROOT_MODULES = {"__init__", "cli", "definitions", "settings", "partitions", "warehouse", "errors", "relations"}
# The steps of ingestion, in their order: a step imports those before it only. `sqltext` is what all of them write SQL
# with, `forms` what files are opened with; `load` takes a drop through all of them.
STEPS = ["sqltext", "landing", "forms", "recognise", "read", "conform", "write", "load"]
MAY_IMPORT_DAGSTER = {"pipelines/definitions.py", "pipelines/partitions.py"}


def imports_of(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
            names += [f"{node.module}.{a.name}" for a in node.names]
    return names


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    inside = path.relative_to(ROOT / "pipelines")
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def rooms_read(path: Path) -> set[tuple[str, str]]:
    """(room, name) of everything of this project that a file imports. The command imports its commands by name."""
    names = [n for n in imports_of(path) if n.startswith("pipelines.")]
    return {(n.split(".")[1], n) for n in names} | ({("commands", "its commands")} if path.name == "cli.py" else set())


def test_every_room_is_bound_and_the_root_holds_what_the_plan_names():
    assert {room_of(p) for p in PIPELINES} == set(MAY_IMPORT)
    assert {p.stem for p in (ROOT / "pipelines").glob("*.py")} == ROOT_MODULES


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_from_the_rooms_to_its_left(room):
    for path in PIPELINES:
        if room_of(path) != room:
            continue
        for other, name in rooms_read(path):
            allowed = MAY_IMPORT[room] | EVERY_ROOM | {room}
            assert other in allowed, f"{relative(path)} imports {name}"


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Names of what depends on itself: what is left when, again and again, everything that depends on nothing left is
    taken away.
    """
    left = {name: {other for other in others if other != name} for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_rooms_depend_on_each_other_in_a_circle():
    graph: dict[str, set[str]] = {}
    for path in PIPELINES:
        graph.setdefault(room_of(path), set()).update(room for room, _ in rooms_read(path))
    assert circle_in(graph) == []


def test_no_files_depend_on_each_other_in_a_circle():
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in PIPELINES}
    assert circle_in({name: set(imports_of(path)) & set(modules) for name, path in modules.items()}) == []


def test_a_circle_is_found():
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == ["a", "b", "c", "d"]


def test_a_step_of_ingestion_imports_only_the_steps_before_it():
    for path in (ROOT / "pipelines" / "ingest").rglob("*.py"):
        step = path.relative_to(ROOT / "pipelines" / "ingest").parts[0].removesuffix(".py")
        for name in imports_of(path):
            if name.startswith("pipelines.ingest."):
                other = name.split(".")[2]
                assert STEPS.index(other) <= STEPS.index(step), f"{relative(path)} imports {name}"


# The line that a file goes, step by step: module of `ingest` and its type.
LINE = {
    "landing/delivered.py": "Delivered",
    "recognise/recognised.py": "Recognised",
    "read/read_rows.py": "ReadRows",
    "conform/judged.py": "Judged",
    "write/written.py": "Written",
}


def is_frozen(node: ast.ClassDef) -> bool:
    return any(ast.unparse(d).startswith("dataclass(frozen=True") for d in node.decorator_list)


def test_each_step_of_ingestion_has_one_frozen_type_that_is_made_of_the_one_before():
    before = None
    for module, name in LINE.items():
        tree = ast.parse((ROOT / "pipelines" / "ingest" / module).read_text())
        (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
        assert is_frozen(found), f"{name} can be changed after it was made"
        held = [ast.unparse(n.annotation) for n in found.body if isinstance(n, ast.AnnAssign)]
        handed = [ast.unparse(a.annotation) for n in tree.body if isinstance(n, ast.FunctionDef)
                  for a in n.args.args if a.annotation]  # fmt: skip
        assert before is None or any(before in text for text in [*held, *handed]), f"{name} is not made of {before}"
        before = name


def test_only_the_wiring_imports_dagster():
    for path in PIPELINES:
        name = relative(path)
        if name in MAY_IMPORT_DAGSTER or name.startswith("pipelines/defs/"):
            continue
        found = [n for n in imports_of(path) if n.split(".")[0] in {"dagster", "dagster_dbt"}]
        assert not found, f"{name} imports {found}"


def test_great_expectations_is_imported_only_where_it_runs():
    for path in PIPELINES:
        tree = ast.parse(path.read_text())
        top = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        for node in top:
            text = ast.unparse(node)
            assert "great_expectations" not in text, f"{relative(path)} imports Great Expectations when loaded"


def test_only_the_warehouse_room_opens_duckdb():
    for path in PIPELINES:
        if relative(path).startswith(("pipelines/warehouse.py", "pipelines/publish/")):
            continue
        assert "duckdb.connect(" not in path.read_text(), relative(path)


# What makes the tables of the warehouse: whatever begins to make or to mend something in it.
MAKES_TABLES = {
    "pipelines/defs/ingest_results.py",
    "pipelines/ingest/write/schema.py",
    "pipelines/run/history.py",
    "pipelines/run/ingestion.py",
    "pipelines/run/selected.py",
    "pipelines/run/whatif.py",
}


def test_whoever_only_looks_makes_no_table():
    assert {relative(path) for path in PIPELINES if "ensure_schema(" in path.read_text()} == MAKES_TABLES


def test_only_settings_reads_the_environment():
    for path in PIPELINES:
        if relative(path) != "pipelines/settings.py":
            assert not re.search(r"os\.(environ|getenv)", path.read_text()), relative(path)


def test_no_clock_is_read_below_the_command_line():
    for path in PIPELINES:
        if relative(path).startswith(("pipelines/defs/", "pipelines/cli.py")):
            continue
        assert not re.search(r"(date\.today|datetime\.(now|utcnow|today)|time\.time)\(", path.read_text()), relative(
            path
        )


def test_every_module_says_what_it_holds():
    for path in PIPELINES:
        if path.read_text().strip():
            assert ast.get_docstring(ast.parse(path.read_text())), f"{relative(path)} has no docstring"


def test_every_model_opens_with_its_grain_or_its_purpose():
    for path in MODELS:
        body = re.sub(r"\{\{ *config\(.*?\) *\}\}", "", path.read_text(), flags=re.S).lstrip()
        assert body.startswith("--"), f"{relative(path)} does not say what it holds"


def test_no_line_of_sql_is_wider_than_120_columns():
    wide = [
        f"{relative(path)}:{number}"
        for folder in ("dbt_project/models", "dbt_project/macros", "dbt_project/tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.sql"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert wide == []


@pytest.mark.parametrize("word", ["between", "current_date", "current_timestamp", "now()", "get_current_timestamp"])
def test_models_use_half_open_windows_and_no_clock(word):
    for path in MODELS:
        code = re.sub(r"--[^\n]*|'[^']*'|\{#.*?#\}", "", path.read_text(), flags=re.S).lower()
        # `rows between` frames a window by rows, not by dates.
        pattern = re.escape(word) if word.endswith(")") else rf"(?<!rows )\b{word}\b"
        assert not re.search(pattern, code), f"{relative(path)} uses {word}"


def test_layers_of_the_dbt_project_read_only_to_their_left():
    order = {"staging": 0, "intermediate": 1, "rules": 2, "marts": 3, "calendar": 3}
    layer_of = {p.stem: p.relative_to(ROOT / "dbt_project" / "models").parts[0] for p in MODELS + PYTHON_MODELS}
    for path in MODELS + PYTHON_MODELS:
        mine = layer_of[path.stem]
        for name in re.findall(r"ref\(['\"]([a-z0-9_]+)['\"]\)", path.read_text()):
            theirs = layer_of.get(name, mine)
            allowed = order[theirs] <= order[mine] or (mine == "intermediate" and path.stem.startswith("int_finding"))
            assert allowed, f"{relative(path)} ({mine}) reads {name} ({theirs})"


# Rules that the specification defines by the findings of other rules, and which those are.
RULES_ON_RULES = {
    "use_10_give_seat": {
        "use_01_inactive_seat",
        "use_02_never_used",
        "use_04_flex_to_seat",
        "idn_01_ghost",
        "con_01_past_end",
    },
    "lrt_14_ai_feature": {"lrt_03_feature_without_right"},
    # The de-provisioning list, before it has a history.
}


def test_only_the_findings_model_and_rules_defined_by_rules_read_rule_views():
    layer_of = {p.stem: p.relative_to(ROOT / "dbt_project" / "models").parts[0] for p in MODELS}
    for path in MODELS:
        if path.stem.startswith("int_finding"):
            continue
        # Names in loops too: whatever is quoted and is a rule's model.
        rules = {n for n in re.findall(r"'([a-z0-9_]+)'", path.read_text()) if layer_of.get(n) == "rules"}
        assert rules == RULES_ON_RULES.get(path.stem, set()), f"{relative(path)} reads the rule views {sorted(rules)}"


def test_python_models_are_only_wiring():
    for path in PYTHON_MODELS:
        tree = ast.parse(path.read_text())
        assert (ast.get_docstring(tree) or "").startswith("Grain: "), f"{relative(path)} does not say its grain"
        assert [type(n).__name__ for n in tree.body] == ["Expr", "FunctionDef"], (
            f"{relative(path)} holds more than a model"
        )
        loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.While | ast.If)]
        assert not loops, f"{relative(path)} decides something; that belongs into a room of pipelines/"
