"""`python -m benchmarks month|matrix|estate`: what the product costs beside its peers. `make bench` is `month`. How to
repeat: RESULTS.md.

Holds the choice of the program and no work.
"""

from __future__ import annotations

import argparse

from benchmarks import matrix, month


def main() -> int:
    """Read the arguments and do the work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    programs = parser.add_subparsers(required=True)
    month.arguments_of(programs.add_parser("month", help=month.__doc__))
    matrix.arguments_of(programs.add_parser("matrix", help=matrix.__doc__))
    matrix.estate_arguments_of(programs.add_parser("estate", help="write an estate into a folder"))
    arguments = parser.parse_args()
    return int(arguments.work(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
