"""Mistakes made by rule and drawn by lot: a comparison that includes its limit or excludes it, a minimum for a maximum,
another order, an inner join for an outer one, a condition negated. In models that have unit tests, and in Python
modules that have tests of their own, in their code and in the SQL that they write. Runs nothing.
"""

from __future__ import annotations

import random
import re
from itertools import islice, pairwise, zip_longest

from tests.conftest import ROOT
from tests.dbt.unit_tests import unit_tests
from tests.mutations.planted import path_of
from tests.mutations.project import DBT, Mutation

# (pattern, replacement). Of the SQL of models.
LIMITS = ((r"(?<= )>=(?= )", ">"), (r"(?<= )<=(?= )", "<"), (r"(?<= )>(?= )", ">="), (r"(?<= )<(?= )", "<="))
OF_SQL = (
    *LIMITS,
    (r"\bmax\((?!distinct)", "min("), (r"\bmin\((?!distinct)", "max("), (r" desc\b", ""),
    (r"\bis not null\b", "is null"), (r"\bnot exists\b", "exists"), (r"\bbool_or\(", "bool_and("),
    (r"\bleast\(", "greatest("), (r"\bgreatest\(", "least("), (r"\bcount\(distinct ", "count("),
    (r"(?<= )<>(?= )", "="), (r"(?<== )false\b", "true"), (r"(?<!select )(?<= )(\d+)(?=[ ),])", r"1\1"),
    (r"\bleft join\b", "inner join"), (r"(?<= )and(?= )", "or"), (r"(?<= )or(?= )", "and"),
    (r"\bnot (?!exists|null|in\b)", ""), (r"\bnulls first\b", "nulls last"), (r"\bnulls last\b", "nulls first"),
)  # fmt: skip
OF_PYTHON = (
    *LIMITS,
    (r"(?<= )==(?= )", "!="), (r"(?<= )!=(?= )", "=="), (r"\bmax\(", "min("), (r"\bmin\(", "max("),
    (r"\bis not None\b", "is None"), (r"\bis None\b", "is not None"), (r"\bnot (?!in\b|None)", ""),
    (r"\bnot in\b", "in"), (r"(?<= )and(?= )", "or"), (r"(?<= )or(?= )", "and"), (r" \+ 1\b", " + 2"),
    (r" - 1\b", ""), (r"\bany\(", "all("), (r"\ball\(", "any("), (r"\breverse=True", "reverse=False"),
    (r"\breturn True\b", "return False"), (r"\breturn False\b", "return True"), (r"\bcontinue\b", "break"),
)  # fmt: skip
# Texts and comments of a module, and which of its texts are SQL.
TEXTS = r'#[^\n]*$|f?""".*?"""|f?"(?:[^"\\\n]|\\.)*"'
IS_SQL = (
    r"^f?\"+[^ \n]*.*\b(?:select|case when|where\b.*[=<>({]|order by|partition by|coalesce\(|regexp_\w+\(|list_\w+\()"
)
# Modules whose mistakes tests see that review nothing, and those tests. A module that only whole reviews see is not
# drawn from.
MODULES = {
    # What every room uses.
    "settings.py": ("test_settings.py", "test_memory_limit.py"),
    "partitions.py": ("test_partitions.py",),
    "errors.py": ("test_errors.py",),
    # Ingestion: landing.
    "manifests.py": ("test_manifests.py",),
    "strays.py": ("test_files_told.py", "test_limits.py"),
    "archives.py": ("test_limits.py",),
    "landing/files.py": ("test_pending.py", "test_layout.py", "test_landing.py"),
    "delivered.py": ("test_files_told.py", "test_landing.py"),
    "paging.py": ("test_completeness.py",),
    "narrowing.py": ("test_completeness.py",),
    "filter_block.py": ("test_filter_blocks.py",),
    "fingerprints.py": ("test_pending.py", "test_noted.py"),
    # Ingestion: recognise, read.
    "encodings.py": ("test_layout.py",),
    "objects.py": ("test_adapters.py",),
    "webpage.py": ("test_layout.py", "test_landing.py"),
    "forms/workbook.py": ("test_workbooks_as_saved.py", "test_landing.py"),
    "ldif.py": ("test_adapters.py",),
    "scim.py": ("test_adapters.py",),
    "graph.py": ("test_adapters.py",),
    "team_admin.py": ("test_linked.py",),
    "headers.py": ("test_layout.py", "test_hints.py"),
    "read/other_lines.py": ("test_layout.py", "test_around.py", "test_second_tables.py"),
    "hints.py": ("test_hints.py",),
    "recognise/inputs.py": ("test_aliases_outside.py", "test_vendor_claims.py", "test_landing.py"),
    "recognised.py": ("test_layout.py", "test_landing.py"),
    "recognise/linked.py": ("test_linked.py",),
    "delimited.py": ("test_layout.py",),
    "read/linked.py": ("test_linked.py",),
    "read/server_text.py": ("test_server_texts.py",),
    "read_rows.py": ("test_line_ends_in_cells.py", "test_layout.py", "test_landing.py"),
    # Ingestion: conform, write.
    "addresses.py": ("test_addresses.py",),
    "apply_corrections.py": ("test_outside_inputs.py",),
    "corrections.py": ("test_corrections.py",),
    "cell_notes.py": ("test_cells.py", "test_cell_values.py", "test_noted.py"),
    "company_values.py": ("test_noted.py",),
    "completeness.py": ("test_completeness.py",),
    "dates.py": ("test_cell_dates.py",),
    "judged.py": ("test_noted.py", "test_landing.py"),
    "other_months.py": ("test_other_months.py",),
    "precedence.py": ("test_landing.py",),
    "conform/table.py": ("test_cells.py", "test_cell_dates.py", "test_cell_values.py"),
    "write/events.py": ("test_events.py",),
    "straight.py": ("test_straight.py",),
    "written.py": ("test_straight.py", "test_failing_files.py"),
    # Texts of the licence server.
    "dating.py": ("test_flexnet_debuglog.py", "test_flexnet_variants.py"),
    "debuglog.py": ("test_flexnet_debuglog.py", "test_flexnet_variants.py"),
    "flexnet/licence.py": ("test_flexnet_licence.py",),
    "flexnet/status.py": ("test_flexnet_status.py", "test_flexnet_variants.py"),
    # The company's tables, expectations, forecasts, choices.
    "predicate.py": ("test_predicate.py", "test_optimise_predicates.py"),
    "reference/changes.py": ("test_reference_changes.py",),
    "resolve.py": ("test_reference_resolution.py",),
    "predicate_edit.py": ("test_optimise_predicates.py",),
    "renewal.py": ("test_optimise_renewal.py",),
    "tokens.py": ("test_forecast_tokens.py",),
    # Runs: what is due, what a month stands on, what decisions say, privacy.
    "batches.py": ("test_batches.py",),
    "basis.py": ("test_basis.py",),
    "bring_back.py": ("test_history.py",),
    "run/history.py": ("test_history.py",),
    "dbt_graph.py": ("test_failures_graph.py", "test_standing_views.py"),
    "discretion.py": ("test_discretion.py",),
    "due.py": ("test_due.py", "test_batches.py"),
    "failure_cause.py": ("test_failure_cause.py",),
    "mailbox.py": ("test_mailbox.py",),
    "answers.py": ("test_mailbox.py", "test_discretion.py"),
    "person.py": ("test_person.py",),
    # Reviews and alerts.
    "activities.py": ("test_late.py", "test_alerts.py"),
    "reviews/decisions.py": ("test_decide.py", "test_decided_in_passes.py"),
    "dispositions.py": ("test_decide.py", "test_decided_in_passes.py"),
    "overdue.py": ("test_late.py",),
    "reviews/sign_off.py": ("test_signoff.py",),
    "alert.py": ("test_alerts.py",),
    "conditions.py": ("test_alerts.py",),
    # Publishing, the record, signatures, pseudonyms.
    "claim_pack.py": ("test_claim_pack.py",),
    "datasets.py": ("test_formula_guard.py", "test_published_order.py", "test_history.py"),
    "publish/names.py": ("test_file_names.py",),
    "notes.py": ("test_notes.py",),
    "record_check.py": ("test_record_check.py",),
    "publications.py": ("test_publication_chain.py", "test_history.py"),
    "rollback.py": ("test_rollback.py",),
    "publish/snapshot.py": ("test_snapshot.py",),
    "seals/check.py": ("test_seal_check.py",),
    "seals/keys.py": ("test_seals.py",),
    "seals/listing.py": ("test_seals.py",),
    "memory.py": ("test_seals.py",),
    "stamps.py": ("test_seals.py",),
    "seals/statements.py": ("test_seals.py",),
    "identifiers.py": ("test_veil.py",),
    "veil/veil.py": ("test_veil.py", "test_discretion.py"),
    "erasure_requests.py": ("test_person.py", "test_discretion.py"),
    "renewal_what_if.py": ("test_renewal_what_if.py",),
    "work_files.py": ("test_work_files.py",),
    "substitution/values.py": ("test_substitution.py",),
    "substitution/files.py": ("test_substitution.py",),
}


def _places(text: str, rules: tuple[tuple[str, str], ...], spans: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Begin, end and replacement of every place in these spans where a rule fits."""
    found = []
    for pattern, replacement in rules:
        for m in re.finditer(pattern, text):
            if any(a <= m.start() and m.end() <= b for a, b in spans):
                found.append((m.start(), m.end(), m.expand(replacement)))
    return sorted(found)


def _between(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What lies between spans that are in order."""
    return list(pairwise([0, *(place for span in spans for place in span), len(text)]))[::2]


def _of_module(text: str) -> list[tuple[int, int, str]]:
    """Every place of a Python module where a rule fits: of its code, and of the SQL in its texts."""
    texts = list(re.finditer(TEXTS, text, re.S | re.M))
    sql = [m.span() for m in texts if re.search(IS_SQL, m[0], re.S) and not m[0].startswith('"""')]
    return _places(text, OF_PYTHON, _between(text, [m.span() for m in texts])) + _places(text, OF_SQL, sql)


def _made(text: str, begin: int, end: int, replacement: str) -> tuple[str, str, str]:
    """What, before and after of the mistake at a place, the text around it long enough to be there once."""
    left, right = begin, end
    while text.count(text[left:right]) > 1:
        left, right = max(0, left - 10), min(len(text), right + 10)
    line = text.count("\n", 0, begin) + 1
    what = f"line {line}: `{text[begin:end].strip()}` is `{replacement.strip() or 'gone'}`"
    return what, text[left:right], text[left:begin] + replacement + text[end:right]


def of_models(number: int | None, seed: int) -> list[Mutation]:
    """So many mistakes in the models that have unit tests, of all that there could be; None: all of them."""
    found = []
    paths = {p.stem: p for p in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    for name in sorted(unit_tests().keys() & paths.keys()):
        text, path = paths[name].read_text(encoding="utf-8"), str(paths[name].relative_to(ROOT))
        skipped = [m.span() for m in re.finditer(r"--[^\n]*$|\{#.*?#\}|'[^'\n]*'", text, re.S | re.M)]
        for place in _places(text, OF_SQL, _between(text, skipped)):
            found.append(Mutation(*(made := _made(text, *place))[:1], path, *made[1:], DBT, (name,)))
    if number is not None:
        found = random.Random(seed).sample(found, min(number, len(found)))
    return sorted(found, key=lambda m: (m.file, int(m.what.split()[1][:-1])))


def of_modules(number: int, seed: int) -> list[Mutation]:
    """So many mistakes in Python modules, one module after the other, each mistake once."""
    chance = random.Random(seed)
    drawn = []
    for file, tests in sorted(MODULES.items()):
        text = (ROOT / path_of(file)).read_text(encoding="utf-8")
        places = _of_module(text)
        made = [_made(text, *place) for place in chance.sample(places, len(places))]
        drawn.append([Mutation(*m[:1], path_of(file), *m[1:], tuple(path_of(t) for t in tests)) for m in made])
    chance.shuffle(drawn)
    turns = (m for turn in zip_longest(*drawn) for m in turn if m is not None)
    return sorted(islice(turns, number), key=lambda m: (m.file, int(m.what.split()[1][:-1])))
