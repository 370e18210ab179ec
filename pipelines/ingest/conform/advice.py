"""What to do about a row that was rejected, from the words of its reason. Pure functions over texts; where it helps
nobody, nothing is said.
"""

from __future__ import annotations

import re

# Pattern of a reason → what to do. The first that fits.
ADVICE = (
    (r"date_order", "say in a manifest whether 03/04/2026 is dmy or mdy (date_order), or export dates as YYYY-MM-DD"),
    (
        r"is not a (date|time)",
        "export dates as YYYY-MM-DD, or name the order (date_order) or the language of the dates in a manifest",
    ),
    (r"scientific notation|E\+", "format the column as text before saving: the number lost its last digits"),
    (
        r"fields found where the header has",
        "put texts that hold the separator in quotes, or export again without opening the file in between",
    ),
    (r"quote is opened", "export again: a quote inside a text must be doubled"),
    (r"is not a (whole )?number", "export numbers without units"),
    (r"is empty", "export the column too, or fill it"),
    (r"is none of", "use one of the values named, or add a row to reference/value_aliases.csv"),
    (r"is out of range", "correct the number at its source and export again"),
)


def what_to_do(reason: str) -> str:
    """What to do about a reason of `rejected_rows`, '' if nothing general can be said."""
    return next((todo for pattern, todo in ADVICE if re.search(pattern, reason)), "")
