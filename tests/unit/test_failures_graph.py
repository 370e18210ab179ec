"""What a failed model takes: only what reads it, the rules that could not run, and the outputs that show their
findings.
"""

from __future__ import annotations

import csv
import json

import pytest

from pipelines.failures.omissions import in_words
from pipelines.run.dbt_call import prepare_manifest
from pipelines.run.dbt_graph import OF_EVERY_RULE, Graph
from pipelines.settings import SEEDS, Settings


@pytest.fixture(scope="module")
def graph(tmp_path_factory) -> Graph:
    settings = Settings(data=tmp_path_factory.mktemp("graph"))
    with (SEEDS / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        subjects = {row["rule_id"]: row["subject"] for row in csv.DictReader(handle)}
    return Graph(json.loads(prepare_manifest(settings).read_text()), subjects)


def outputs(graph: Graph, *failed: str) -> set[str]:
    return {m for m in graph.taken(failed).models if graph.schema[m] == "calendar"}


def test_a_failed_rule_takes_the_lists_that_show_it_and_no_other_rule(graph: Graph):
    taken = graph.taken(["use_06_collection_to_single"])
    assert set(taken.rules) == {"USE-06"}
    assert outputs(graph, "use_06_collection_to_single") == {"reallocation_candidates"}


def test_a_rule_defined_by_another_one_fails_with_it(graph: Graph):
    assert set(graph.taken(["lrt_03_feature_without_right"]).rules) == {"LRT-03", "LRT-14"}
    assert outputs(graph, "lrt_03_feature_without_right") == {"compliance_gap_register", "audit_readiness"}


def test_a_failure_in_the_server_logs_takes_one_rule_its_list_and_the_answers_to_claims(graph: Graph):
    taken = graph.taken(["stg_outside__nlm_log"])
    assert set(taken.rules) == {"ENT-10"}
    assert outputs(graph, "stg_outside__nlm_log") == {"compliance_gap_register", "claim_answers", "claim_evidence"}


def test_what_lists_every_rule_is_made_without_the_failed_one(graph: Graph):
    for view in graph.rules.values():
        assert not OF_EVERY_RULE & outputs(graph, view), view


def test_the_months_and_the_inputs_are_no_branch(graph: Graph):
    everything = {m for m, schema in graph.schema.items() if schema == "calendar" and graph.parents[m]}
    assert everything - outputs(graph, "int_month") <= {"file_register", "rejected_rows"}
    assert {"int_finding", "int_assessability"} <= graph.taken(["int_input_present"]).models.keys()


def test_every_rule_has_subjects_that_are_counted_and_every_list_its_rules(graph: Graph):
    assert {rule for rule, models in graph.counted_in.items() if not models} <= {"ENT-03", "ENT-07"}
    shown = graph.rules_shown
    for name in ("deprovisioning_list", "compliance_gap_register", "reallocation_candidates", "audit_readiness"):
        assert shown[name], name
    assert {"LRT-01", "LRT-03", "LRT-04", "LRT-05"} <= shown["audit_readiness"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Database Error in model int_x (models/intermediate/int_x.sql)\n  Conversion Error: Could not convert "
            "string 'ten' to INT32\n  \n  LINE 3: select",
            "Conversion Error: Could not convert string 'ten' to INT32",
        ),
        (
            "Runtime Error in model int_y (models/int_y.py)\n  Python model failed:\n  Traceback (most recent call "
            'last):\n    File "x", line 1\n  ValueError: no number',
            "ValueError: no number",
        ),
        ("Runtime Error in model int_y (models/int_y.py)\n  ValueError: no number", "ValueError: no number"),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
    ],
)
def test_the_database_s_own_words_are_said_in_one_line(message: str, said: str):
    assert in_words(message) == said
