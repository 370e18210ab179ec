"""Python models on Spark: run in the process that runs dbt, on tables that are small, as on DuckDB.

What a model reads is fetched into a DuckDB connection that holds nothing else, so that the model finds the relations
that it is written for; what it makes becomes a Spark table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.base import PythonJobHelper
from dbt.adapters.spark.impl import SparkAdapter

from pipelines.warehouse import connect_file

# Types that Spark calls otherwise than DuckDB.
TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "INTEGER": "INT"}


class DriverJob(PythonJobHelper):
    """One Python model. Raises what the model raises."""

    def __init__(self, parsed_model: dict[str, Any], credential: object) -> None:
        del credential
        self.table = f"{parsed_model['schema']}.{parsed_model['alias']}"

    def submit(self, compiled_code: str) -> None:
        """Run the model as dbt compiled it, and write its table."""
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.getOrCreate()
        module: dict[str, Any] = {}
        exec(compile(compiled_code, f"{self.table}.py", "exec"), module)  # the project's own code, as dbt runs it
        with connect_file(Path(":memory:"), read_only=False) as session:
            given = module["dbtObj"](lambda name: session.from_arrow(spark.table(name).toArrow()))
            relation = module["model"](given, session)
            made, schema = relation.to_arrow_table(), schema_of(relation)
        # Spark infers no columns from a table without rows.
        frame = spark.createDataFrame(made) if made.num_rows else spark.createDataFrame([], schema)
        frame.write.format("parquet").mode("overwrite").saveAsTable(self.table)


def schema_of(relation: Any) -> str:
    """The columns of a relation of DuckDB as Spark declares them."""
    types = ((str(kind), name) for name, kind in zip(relation.columns, relation.types, strict=True))
    return ", ".join(f"`{name}` {TYPES.get(kind, kind)}" for kind, name in types)


def use_driver() -> None:
    """From now on the adapter gives Python models to DriverJob; its own helpers know Databricks alone."""
    SparkAdapter.python_submission_helpers = property(lambda self: {"driver": DriverJob})
    SparkAdapter.default_python_submission_method = property(lambda self: "driver")
