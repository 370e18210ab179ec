"""A dbt model in Python is only wiring: it reads relations, calls a pure function of one room, returns a relation."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODELS = sorted((ROOT / "dbt_project" / "models").rglob("*.py"))
# What decides or computes has its place in a room, where it is tested without dbt.
OF_A_ROOM = (
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Compare,
    ast.BinOp,
    ast.BoolOp,
    ast.AugAssign,
    ast.Try,
    ast.With,
)


def test_there_are_such_models():
    assert len(MODELS) >= 3


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_a_python_model_is_only_wiring(path: Path):
    opening, function = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(opening, ast.Expr) and isinstance(function, ast.FunctionDef) and function.name == "model"
    found = [type(n).__name__ for n in ast.walk(function) if isinstance(n, OF_A_ROOM)]
    assert found == []
    imported = {n.module for n in ast.walk(function) if isinstance(n, ast.ImportFrom) and n.module}
    assert not any(isinstance(n, ast.Import) for n in ast.walk(function))
    assert "pipelines.relations" in imported and len(imported - {"pipelines.relations"}) == 1
    assert all(name.startswith("pipelines.") for name in imported)
    last = function.body[-1]
    assert isinstance(last, ast.Return) and isinstance(last.value, ast.Call)
    assert isinstance(last.value.func, ast.Name) and last.value.func.id == "relation_of"
