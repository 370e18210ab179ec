"""The file that Superset imports, generated from dashboard.yml, the measures and the column descriptions of the dbt
project.

`python -m pipelines.publish.superset.bundle --database FILE.duckdb --to FILE.zip`. Same inputs, same bytes. Does not
connect to Superset.
"""

from __future__ import annotations

import argparse
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipelines.publish.measures import Measure, measures
from pipelines.settings import DBT_PROJECT

SOURCE = Path(__file__).with_name("dashboard.yml")
# Identifiers in Superset never change, so that an import replaces the previous one.
_NAMES = uuid.UUID("5f3f0f3c-2a30-5d6e-9a53-5e1f6a0d1c11")
_FORMATS = {"money": ",.2f", "share": ".1%", "tokens": ",.0f"}
_KINDS = {
    "number": "big_number_total",
    "bars": "echarts_timeseries_bar",
    "days": "echarts_timeseries_bar",
    "waterfall": "waterfall",
    "table": "table",
    "rows": "table",
}
Content = Mapping[str, Any]


def identity(kind: str, name: str) -> str:
    """The UUID of a dataset, chart, dashboard or database in Superset."""
    return str(uuid.uuid5(_NAMES, f"{kind}:{name}"))


def read_dashboard() -> dict[str, Any]:
    """The content of dashboard.yml."""
    loaded: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return loaded


def described_columns() -> dict[str, list[dict[str, str]]]:
    """Published table (schema.name) → its columns with data_type and description, as documented in the dbt project."""
    found: dict[str, list[dict[str, str]]] = {}
    for schema in ("calendar", "marts"):
        for path in sorted((DBT_PROJECT / "models" / schema).rglob("_models.yml")):
            models = yaml.safe_load(path.read_text(encoding="utf-8"))
            found |= {f"{schema}.{m['name']}": m["columns"] for m in models["models"]}
    return found


def dataset_sql(definition: Content, name: str) -> str | None:
    """The query of a dataset that joins columns of dimensions; None for a plain table. Dimensions have one row per key,
    so no row is duplicated.
    """
    dataset = definition["datasets"][name]
    if not dataset.get("join"):
        return None
    columns, joins = ["t.*"], []
    for alias in dataset["join"]:
        join = definition["joins"][alias]
        columns += [f"{expression} as {column}" for column, expression in join["columns"].items()]
        match = " and ".join(f"{alias}.{key} = t.{key}" for key in join["keys"])
        joins.append(f"left join {join['table']} as {alias} on {match}")
    return "\n".join([f"select {', '.join(columns)}", f"from {dataset['table']} as t", *joins])


def dataset_file(definition: Content, name: str, columns: Content, known: Sequence[Measure]) -> dict[str, Any]:
    """One dataset in Superset's import format, its metrics from the measures of its table."""
    dataset = definition["datasets"][name]
    schema, table = dataset["table"].split(".")
    described = list(columns[dataset["table"]])
    for alias in dataset.get("join", []):
        join = definition["joins"][alias]
        described += [c for c in columns[join["table"]] if c["name"] in join["columns"]]
    sql = dataset_sql(definition, name)
    return {
        "table_name": name if sql else table,
        "schema": schema,
        "sql": sql,
        "uuid": identity("dataset", name),
        "database_uuid": identity("database", "selfaudit"),
        "version": "1.0.0",
        "main_dttm_col": "day" if any(c["name"] == "day" for c in described) else None,
        "metrics": [
            {
                "metric_name": m.name,
                "verbose_name": m.label,
                "expression": m.expression,
                "description": m.description,
                "d3format": _FORMATS.get(m.unit, ",d"),
            }
            for m in known
            if m.relation == dataset["table"]
        ],
        "columns": [
            {
                "column_name": c["name"],
                "type": c["data_type"].upper(),
                "is_dttm": c["data_type"] in {"date", "timestamp"},
                "groupby": True,
                "filterable": True,
                "description": c["description"],
            }
            for c in described
        ],
    }


def chart_params(chart: Content) -> dict[str, Any]:
    """The stored parameters of a chart in Superset: its controls."""
    by, asked = chart.get("by", []), chart.get("measures", [])
    kind = chart["kind"]
    given: dict[str, Any] = {"viz_type": _KINDS[kind], "adhoc_filters": [], "row_limit": 10000}
    if kind == "number":
        given |= {"metric": asked[0], "header_font_size": 0.4, "y_axis_format": ",d"}
    elif kind == "waterfall":
        given |= {
            "x_axis": by[0],
            "metric": asked[0],
            "groupby": [],
            "show_value": True,
            "y_axis_format": ",d",
            "x_ticks_layout": "45°",
        }
    elif kind in {"bars", "days"}:
        given |= {
            "x_axis": by[0],
            "groupby": by[1:],
            "metrics": asked,
            "show_legend": True,
            "rich_tooltip": True,
            "x_axis_sort_asc": True,
            "sort_series_type": "name",
            "sort_series_ascending": True,
            "truncate_metric": True,
            "y_axis_format": ",d",
        }
        if kind == "bars":
            given["xAxisForceCategorical"] = True
        else:
            given["time_grain_sqla"] = "P1D"
    elif kind == "table":
        given |= {"query_mode": "aggregate", "groupby": by, "metrics": asked, "order_desc": True}
    else:
        order = [json.dumps([column, True]) for column in by[:2]]
        given |= {"query_mode": "raw", "all_columns": by, "order_by_cols": order, "table_timestamp_format": "%Y-%m-%d"}
    return given | chart.get("params", {})


def chart_query(chart: Content) -> dict[str, Any]:
    """The query of a chart for Superset's chart data interface: rows by the columns, ordered by all of them."""
    by, asked = chart.get("by", []), chart.get("measures", [])
    return {
        "columns": by,
        "metrics": asked or None,
        "filters": [],
        "orderby": [[column, True] for column in by],
        "row_limit": 10000,
        "extras": {},
        "is_timeseries": False,
    }


def chart_file(definition: Content, name: str) -> dict[str, Any]:
    """One chart in Superset's import format."""
    chart = definition["charts"][name]
    # The import sets the dataset's number.
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [chart_query(chart)],
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart["title"],
        "viz_type": _KINDS[chart["kind"]],
        "params": chart_params(chart),
        "query_context": json.dumps(context, sort_keys=True),
        "uuid": identity("chart", name),
        "dataset_uuid": identity("dataset", chart["dataset"]),
        "version": "1.0.0",
    }


def _layout(definition: Content, numbers: Mapping[str, int]) -> dict[str, Any]:
    rows = [f"ROW-{n}" for n, _ in enumerate(definition["layout"], 1)]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": definition["title"]}},
    }
    for row, given in zip(rows, definition["layout"], strict=True):
        position[row] = {
            "type": "ROW",
            "id": row,
            "children": [f"CHART-{name}" for name in given["charts"]],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, width in given["charts"].items():
            position[f"CHART-{name}"] = {
                "type": "CHART",
                "id": f"CHART-{name}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "chartId": numbers[name],
                    "uuid": identity("chart", name),
                    "sliceName": definition["charts"][name]["title"],
                    "width": width,
                    "height": given["height"],
                },
            }
    return position


def _filter(definition: Content, given: Content, numbers: Mapping[str, int]) -> dict[str, Any]:
    over_time = [numbers[n] for n, c in definition["charts"].items() if c.get("all_months")]
    return {
        "id": f"NATIVE_FILTER-{given['column']}",
        "type": "NATIVE_FILTER",
        "name": given["name"],
        "filterType": "filter_select",
        "targets": [{"datasetUuid": identity("dataset", given["dataset"]), "column": {"name": given["column"]}}],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "controlValues": {
            "enableEmptyFilter": given["one"],
            "defaultToFirstItem": given["latest_first"],
            "multiSelect": not given["one"],
            "searchAllOptions": False,
            "inverseSelection": False,
            "sortAscending": not given["latest_first"],
        },
        "requiredFirst": given["one"],
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": over_time if given["column"] == "review_month" else []},
    }


def dashboard_file(definition: Content) -> dict[str, Any]:
    """The dashboard in Superset's import format: layout, filters, colours."""
    numbers = {name: n for n, name in enumerate(definition["charts"], 1)}
    return {
        "dashboard_title": definition["title"],
        "description": definition["description"],
        "slug": definition["slug"],
        "uuid": identity("dashboard", definition["slug"]),
        "published": True,
        "position": _layout(definition, numbers),
        "metadata": {
            "native_filter_configuration": [_filter(definition, f, numbers) for f in definition["filters"]],
            "label_colors": definition["colours"],
            "refresh_frequency": 0,
        },
        "version": "1.0.0",
    }


def database_file(database: Path) -> dict[str, Any]:
    """The connection to the published file: read-only, no uploads, no DML."""
    return {
        "database_name": "selfaudit",
        "sqlalchemy_uri": f"duckdb:///{database.as_posix()}?access_mode=read_only",
        "uuid": identity("database", "selfaudit"),
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"engine_params": {}, "metadata_params": {}, "schemas_allowed_for_csv_upload": []},
        "version": "1.0.0",
    }


def bundle_files(database: Path) -> dict[str, str]:
    """Every file of the import by its path in the archive."""
    definition, columns, known = read_dashboard(), described_columns(), measures()
    files: dict[str, Any] = {
        "metadata.yaml": {"version": "1.0.0", "timestamp": "1980-01-01T00:00:00+00:00"},
        "databases/selfaudit.yaml": database_file(database),
        "dashboards/selfaudit.yaml": dashboard_file(definition),
    }
    for name in definition["datasets"]:
        files[f"datasets/selfaudit/{name}.yaml"] = dataset_file(definition, name, columns, known)
    for name in definition["charts"]:
        files[f"charts/{name}.yaml"] = chart_file(definition, name)
    return {path: yaml.safe_dump(content, sort_keys=False, width=150) for path, content in sorted(files.items())}


def write_bundle(database: Path, target: Path) -> None:
    """Write the archive; the same definition and database path give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in bundle_files(database).items():
            entry = zipfile.ZipInfo(f"selfaudit/{path}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


def main() -> None:
    """The command line of `make superset-dashboard`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--database", type=Path, required=True, help="the published file, as Superset's machine sees it"
    )
    parser.add_argument("--to", type=Path, required=True, help="the archive to write")
    given = parser.parse_args()
    write_bundle(given.database.absolute(), given.to)
    print(f"{given.to}: import it in Superset under Dashboards, or run `make superset`")


if __name__ == "__main__":
    main()
