"""Ingestion, in one line of steps: `landing` (delivered) → `recognise` → `read` → `conform` (judged) → `write`. No
Dagster.

A step imports those to its left only. `write/load.py` takes a drop through all of them.
"""
