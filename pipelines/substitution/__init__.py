"""Values that name a person by others that name nobody: in texts, in tables of a DuckDB file, in files of any form that
is delivered. Knows no person and decides nothing; what is replaced by what, the caller says.
"""
