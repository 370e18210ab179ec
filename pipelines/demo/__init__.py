"""The demo estate: a made-up enterprise's landing zone, the same bytes for the same seed, and the truth about what was
planted in it.

`generate` is the entry point. People, domains (`.example`) and firms are invented; only product names are real. In
here:

- `estate` names and prices, `records` the records, `world` what holds them, `baseline` the clean part, `terms`
  contracts and subscriptions, `days`
- `plants/` the planted cases, one file per subject: records are added and the truth is named side by side
- `exports/` the files, one file per source; `truth` the truth table, `scoreboard` what was found against it

To plant a case: add records in `plants/<subject>.py`, call `world.plant` with the key of the rule, and name what else
it brings about.
"""

from pipelines.demo.generate import DemoReport, generate

__all__ = ["DemoReport", "generate"]
