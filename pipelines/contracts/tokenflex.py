"""Contract of `tokenflex`: Token Flex usage data (EBA). Columns and keys only; spellings are rows of `aliases.csv`."""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="tokenflex",
    title="Token Flex usage data (EBA)",
    kind=Kind.EVENT,
    section="8",
    columns=(
        Column("product_line_code"),
        Column("product_name"),
        Column("user_name"),
        Column("usage_date", Type.DATE),
        Column("usage_month", Type.DATE),
        Column("contract_year", Type.INTEGER),
        Column("usage_category"),
        Column("charge_category"),
        Column("product_version"),
        Column("product_feature_code"),
        Column("machine_name"),
        Column("license_server_name"),
        Column("usage_type"),
        Column("session_start_date", Type.TIMESTAMP),
        Column("session_end_date", Type.TIMESTAMP),
        Column("tokens_consumed", Type.NUMBER),
        Column("unique_users", Type.INTEGER),
        Column("unique_products", Type.INTEGER),
        Column("usage_minutes", Type.NUMBER),
        Column("usage_hours", Type.NUMBER),
        Column("use_count", Type.NUMBER),
        Column("quantity", Type.NUMBER),
    ),
    natural_key=(),
    any_of=(
        ("product_name", "product_line_code", "usage_category"),
        ("usage_date", "usage_month", "usage_category"),
    ),
)
