"""`make dev`: the Dagster UI over the data folder's own instance. Sets the environment, then becomes `dagster dev`.

`dagster dev -w workspace.yaml`, typed in the checkout, becomes the same: `make install` puts `dagster_dev.pth` among
the packages of its environment, which asks `take_over` as Python starts.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from pipelines.settings import ROOT, has_dagster_home, load_settings

WORKSPACE = "workspace.yaml"
# The notice that another program will replace this command is for developers of Dagster projects.
NOTICE = "Function `dev_command` is superseded"
# Options of `dagster dev` that name what is to be loaded.
TARGETS = ("-w", "--workspace", "-f", "--python-file", "-m", "--module-name", "-d", "--working-directory")


def start(options: Sequence[str]) -> None:
    """Replace this process by `dagster dev -w workspace.yaml` with the instance folder inside the data folder.

    options: what else `dagster dev` is told.
    """
    settings = load_settings()
    settings.apply_to_environment()
    from pipelines.defs.instance import prepare_instance

    prepare_instance(settings)
    # Not beside the dagster.yaml of the checkout, which is for environments without `dagster_dev.pth`.
    os.chdir(settings.dagster_home)
    command = [sys.executable, "-W", f"ignore:{NOTICE}", "-m", "dagster", "dev", "-w", str(ROOT / WORKSPACE)]
    os.execv(sys.executable, [*command, *options])


def take_over(argv: Sequence[str]) -> None:
    """Start as `make dev` does, if a program that starts is `dagster dev` of this checkout; else do nothing.

    Whoever has a DAGSTER_HOME keeps it, and is only spared the notice.
    """
    program, _, *options = argv
    if Path(program).name != "dagster" or Path.cwd() != ROOT:
        return
    named = [i for i, option in enumerate(options) if option in TARGETS]
    if [options[i : i + 2] for i in named] not in ([], [["-w", WORKSPACE]], [["--workspace", WORKSPACE]]):
        return
    if has_dagster_home():
        warnings.filterwarnings("ignore", message=NOTICE)
        return
    for i in named:
        del options[i : i + 2]
    start(options)


if __name__ == "__main__":
    start(sys.argv[1:])
