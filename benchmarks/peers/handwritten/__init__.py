"""Peer (a): what a DuckDB expert writes by hand for one month of the bench estate; `run` is the script, `check`
compares it with the product.
"""
