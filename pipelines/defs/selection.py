"""What a click asked for, in the words of the project: the models, tests and outputs of the assets and checks that a
run of Dagster selects, and how a refusal is said there.

Pure conversion; what may be made alone, `pipelines.run.selected` knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import dagster as dg

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.run.selected import SelectionError

# A message names so many assets in the syntax of Dagster's selections; more of them are "all that it stands on".
SELECTED_BY_NAME = 8


def name_of(key: dg.AssetKey) -> str:
    """The table of an asset: the last part of its key, whatever is before it."""
    return key.path[-1]


def chosen_names(keys: Iterable[dg.AssetKey]) -> set[str]:
    """The models, or the inputs, of the selected assets of a step."""
    return {name_of(key) for key in keys}


def chosen_tests(checks: Iterable[dg.AssetCheckKey]) -> list[str]:
    """The dbt tests of the selected checks; a check bears the name of its test."""
    return sorted({check.name for check in checks})


def chosen_outputs(keys: Iterable[dg.AssetKey]) -> set[str]:
    """The outputs of the selected assets of publishing; the DuckDB file is part of every publication."""
    return chosen_names(keys) & OUTPUT_ORDER.keys()


def refusal(error: SelectionError, asked: Collection[dg.AssetKey]) -> dg.Failure:
    """The refusal as Dagster shows it, with what to type into the field of a selection. asked: what was selected."""
    prefix = {tuple(key.path[:-2]) for key in asked}
    before = "".join(f"{part}/" for part in next(iter(prefix), ()))
    if error.also and len(error.also) <= SELECTED_BY_NAME:
        more = [f'key:"{before}{schema}/{name}"' for schema, name in error.also]
        said = " or ".join([*_keys(asked), *more])
    elif error.upstream and len(asked) <= SELECTED_BY_NAME:
        said = " or ".join(f"+{key}" for key in _keys(asked))
    else:
        said = "*"
    return dg.Failure(f"{error} As a selection: {said}", allow_retries=False)


def _keys(asked: Collection[dg.AssetKey]) -> list[str]:
    return sorted(f'key:"{key.to_user_string()}"' for key in asked)
