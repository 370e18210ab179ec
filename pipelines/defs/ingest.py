"""The ingestion step as assets: one per input, checked before the write. A body is a call into `pipelines.monthly`."""

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from pipelines.contracts import INPUTS, REFERENCE, Contract, Form
from pipelines.defs.ingest_results import check_results, ingest_results
from pipelines.defs.months import MONTHLY, ONE_RUN, OWNERS, months_of, progress_of
from pipelines.defs.names import key_of, pool_of
from pipelines.defs.writer import WRITER
from pipelines.guide.meanings import meanings
from pipelines.run import discretion, history, ingestion, on_spark
from pipelines.run.progress import INGEST
from pipelines.settings import Settings
from pipelines.warehouse import connect

log = logging.getLogger("selfaudit.progress")


class IngestConfig(dg.Config):
    """today: the clock of the review calendar as YYYY-MM-DD; empty = the end of the latest drop."""

    today: str = ""


def _columns(contract: Contract) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                c.name,
                c.type.sql.lower(),
                description=meanings()[(contract.name, c.name)].meaning,
                constraints=dg.TableColumnConstraints(nullable=not c.required),
            )
            for c in contract.columns
        ]
    )


def _spec(tenant: str, contract: Contract, months: dg.PartitionsDefinition) -> dg.AssetSpec:
    return dg.AssetSpec(
        key_of(tenant, "raw", contract.name),
        group_name="raw",
        description=f"{contract.title}. Portal section {contract.section or 'none'}; {contract.kind.value} input.",
        owners=OWNERS,
        kinds={"duckdb"} if contract.form is Form.TABLE else {"duckdb", "polars"},
        metadata={"dagster/column_schema": _columns(contract), "dagster/table_name": f"raw.{contract.name}"},
        partitions_def=months,
    )


# What ingestion writes besides the inputs; models read these too.
BOOKKEEPING = {
    "raw": {
        "run_month": "The months of the last run and their variants, each with the drop up to which event rows count.",
        "run_info": "The clock of the review calendar, and the months that the record calls restated.",
        "file_register": "Every file of every drop: what it is, how many rows it has, and why it was not loaded.",
        "rejected_rows": "Every row that was not loaded, with the reason.",
        "unread_cell": "Cells of optional columns that could not be read, per file and column, with the first of them.",
        "unread_row": "Rows of state inputs with such a cell.",
        "unknown_value": "Texts that no value table knows, per file and column.",
        "use_cell": "Rows of use in the words of the files, counted by month with their days.",
        "device_cell": "Devices of telemetry in the words of the files, by month.",
        "lag_cell": "How late rows of telemetry arrived, by source and month.",
        "session_pair": "Sessions of telemetry at the same time on different devices.",
        "lrt_trait": "What rows of telemetry say of version, feature, claim and country.",
        "rejected_subject": "Addresses and identifiers in rejected rows: whom they are about.",
        "failed_input": "Files that were rejected because reading or judging them failed.",
        "failed_rule": "Rules that failed in the last run, with the reason.",
        "not_made": "What the last run could not make, with the cause.",
        "quality_result": "What every expectation said about every drop.",
    },
    "reference": {
        "rule_catalogue": "The rules: title, question, inputs, severity, output, source.",
        "rule_needs": "Which inputs a rule needs.",
        "rule_absences": "What a rule concludes from a row that is missing in an input.",
        "feature_codes": "Codes of the licence server that the published lists name.",
        "predicate_result": "Whom the predicates of group rules mean.",
        "signed_review": "The reviews that were signed off by the end of the month.",
        "change": "What changed in parameters, prices, rates and terms since the month before.",
    },
}


def _side_spec(tenant: str, schema: str, name: str, months: dg.PartitionsDefinition) -> dg.AssetSpec:
    contract = REFERENCE.get(name) if schema == "reference" else None
    metadata: dict[str, Any] = {"dagster/table_name": f"{schema}.{name}"}
    if contract:
        metadata["dagster/column_schema"] = _columns(contract)
    return dg.AssetSpec(
        key_of(tenant, schema, name),
        group_name=schema,
        description=f"{contract.title}, resolved per review month." if contract else BOOKKEEPING[schema][name],
        owners=OWNERS,
        kinds={"duckdb"},
        metadata=metadata,
        partitions_def=months,
        # A drop writes it whatever is in it; an input that is not there is made too, without a row.
        freshness_policy=MONTHLY if name == "file_register" else None,
    )


def _side_names() -> list[tuple[str, str]]:
    return [("reference", n) for n in REFERENCE] + [(schema, n) for schema, names in BOOKKEEPING.items() for n in names]


def _check_specs(tenant: str, months: dg.PartitionsDefinition) -> list[dg.AssetCheckSpec]:
    texts = {
        "expectations": "The suite of expectations/suites, judged before the write; shows the rows that do not meet "
        "it.",
        "every_row_accounted_for": "rows_read = rows_loaded + rows_rejected + rows_duplicate for every file of the "
        "months of the run; shows the rejected rows.",
    }
    return [
        dg.AssetCheckSpec(check, asset=key_of(tenant, "raw", name), description=text, partitions_def=months)
        for check, text in texts.items()
        for name in INPUTS
    ]


def ingest_asset(settings: Settings, partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """One step that brings every drop of the run into the warehouse: raw/<input> for each input, and the reference
    tables. Where some of them are selected, new and changed drops are read all the same, and as a whole: which input a
    file is, is known once it is read.
    """
    specs = [_spec(settings.tenant, c, partitions) for c in INPUTS.values()]
    specs += [_side_spec(settings.tenant, schema, name, partitions) for schema, name in _side_names()]

    @dg.multi_asset(
        name=INGEST,
        specs=specs,
        check_specs=_check_specs(settings.tenant, partitions),
        pool=pool_of(settings),
        backfill_policy=ONE_RUN,
        required_resource_keys={WRITER},
        can_subset=True,
    )
    def ingest_landing(
        context: dg.AssetExecutionContext, config: IngestConfig
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Load what is new or changed of the landing zone for the months of the run; one result per input and table
        that is selected, and its checks. Checks alone load nothing and judge what stands.
        """
        with discretion.quiet_errors(settings, but=(dg.Failure,)):
            say = progress_of(context, settings)
            if not context.selected_asset_keys:
                with connect(settings) as connection:
                    yield from check_results(context, connection, settings)
                return
            # Whoever asks for all of it asks for the models too: not after the files were read.
            is_whole = len(context.selected_asset_keys) == len(specs)
            if is_whole and (hindered := on_spark.hindrance(settings)):
                raise dg.Failure(hindered, allow_retries=False)
            months = months_of(context)
            today = date.fromisoformat(config.today) if config.today else None
            for sentence in history.hold_to_record(settings):
                log.warning(f"changed outside a run: {sentence}")
            result = ingestion.ingest(settings, months, today, progress=say)
            for warning in result.warnings:
                log.warning(warning)
            with connect(settings) as connection:
                yield from ingest_results(context, connection, months, result.landing.loaded, settings)

    return ingest_landing
