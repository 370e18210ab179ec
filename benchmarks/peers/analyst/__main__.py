"""`python -m benchmarks.peers.analyst DATA_DIR`: prints where the published tables differ from the second implementation."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.peers.analyst.compare import differences


def main() -> int:
    """Print the differences; 1 if there are any."""
    found = differences(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    print("\n".join(found.lines))
    print(dict(found.count) or "no differences")
    return 1 if found.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
