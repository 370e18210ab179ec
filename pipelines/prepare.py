"""`python -m pipelines.prepare`, a step of `make install`: the dbt project parsed once, so that the first run in a data folder need not.

Writes into dbt_project/target, which is not kept in version control. A project that was edited since is parsed by the run itself.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pipelines.settings import Settings
from pipelines.transform import PARSED, PREPARED, STAMP, prepare_manifest


def main() -> None:
    """Parse the project and keep what dbt made of it."""
    with tempfile.TemporaryDirectory() as folder:
        made = prepare_manifest(Settings(data=Path(folder))).parent
        PREPARED.mkdir(parents=True, exist_ok=True)
        for name in (*PARSED, STAMP):
            shutil.copyfile(made / name, PREPARED / name)


if __name__ == "__main__":
    main()
