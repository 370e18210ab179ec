"""Around the third step of ingestion, `read_rows`: the rows of a table as texts, record by record where DuckDB cannot
read them, joined where tables explain each other. Judges no row.
"""
