"""`make dev`: the Dagster UI over the data folder's own instance. Sets the environment, then becomes `dagster dev`."""

from __future__ import annotations

import os
import sys

from pipelines.settings import ROOT, load_settings


def main() -> None:
    """Replace this process by `dagster dev -w workspace.yaml` with the instance folder inside the data folder."""
    settings = load_settings()
    settings.apply_to_environment()
    from pipelines.defs.instance import prepare_instance

    prepare_instance(settings)
    # Not beside the dagster.yaml of the checkout, which is for those who start `dagster dev` there themselves.
    os.chdir(settings.dagster_home)
    workspace = str(ROOT / "workspace.yaml")
    # The notice that another program will replace this command is for developers of Dagster projects.
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "dagster", "dev", "-w", workspace, *sys.argv[1:]])


if __name__ == "__main__":
    main()
