"""Ingestion, one line of five steps, each a module with one frozen type: `landing/delivered.py` →
`recognise/recognised.py` → `read/read_rows.py` → `conform/judged.py` → `write/written.py`. No Dagster.

`load.py` takes a drop through them. Around each step lies what it works with; `forms` opens files of every form. A step
imports those to its left only.
"""
