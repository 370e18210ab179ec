"""`python -m benchmarks.peers.analyst DATA_DIR`: prints where the published tables differ from the second
implementation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.peers.analyst.compare import differences


def main() -> int:
    """Print the differences; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.analyst", description=__doc__)
    parser.add_argument("data", type=Path, help="data folder of a finished run FROM..TO over all its months")
    parser.add_argument("limit", type=int, nargs="?", default=12, help="differences shown of a kind")
    parser.add_argument(
        "--later-drops",
        type=int,
        default=0,
        help="event rows of so many later drops count too (2 for restated versions)",
    )
    arguments = parser.parse_args()
    found = differences(arguments.data, arguments.limit, arguments.later_drops)
    print("\n".join(found.lines))
    print(dict(found.count) or "no differences")
    return 1 if found.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
