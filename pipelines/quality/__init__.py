"""Quality of what arrives: suites (data) → verdicts, before a drop is written. Great Expectations is imported late.

`judge.judge_drop` is the entry point; `suites` reads expectations/suites, `gx` and `sql` are the two engines.
"""
