"""The linter of `make check` judges the models as they are rendered: a violation ends it with an error."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# As a model of the project: macros of every folder, of both kinds.
KEPT = """select
    seat.review_month, {{ add_days('seat.as_of', 1) }} as next_day,
    {{ money_ratio('price.amount', '1', '365') }} as price_day
from {{ ref('int_assignment') }} as seat
inner join {{ source('reference', 'prices') }} as price using (review_month, offering_key)
where {{ concluded('USE-01', 'seat') }}
"""


def lint(text: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("sqlfluff")), "lint", "-", "--stdin-filename"]
    command.append("dbt_project/models/rules/planted.sql")
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=False)


def test_a_model_in_the_style_of_the_house_passes():
    done = lint(KEPT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("kept", "broken", "rule"),
    [
        ("select\n", "SELECT\n", "CP01"),
        (" as seat\n", " seat\n", "AL01"),
        ("seat.review_month,", "no_alias.review_month,", "RF01"),
        (" as next_day", " as next_day" + " " * 90, "LT01"),
        ("where ", "-- " + "x" * 130 + "\nwhere ", "LT05"),
    ],
)
def test_a_planted_violation_ends_the_linter_with_an_error(kept, broken, rule):
    done = lint(KEPT.replace(kept, broken, 1))
    assert done.returncode == 1
    assert rule in done.stdout
