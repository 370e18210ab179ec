"""A second implementation of the rules, written from the specification text alone, in plain Python over the typed raw rows.

It reads `raw.*` and `reference.*` of a warehouse and nothing that the project computes from them. Slow and literal on purpose.
"""
