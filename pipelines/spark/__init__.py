"""The models on Spark, for an estate that one machine cannot hold: the tables of a warehouse on a lake, the dbt call,
and what it made back in a DuckDB file.

Runs in an environment of its own (`make spark`), which has dbt-spark, PySpark and DuckDB and nothing else: imports no
other room but those that every room may. Not here: models and macros, which are those of DuckDB.
"""
