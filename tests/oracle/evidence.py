"""Evidence against the files: the rows that a published finding names are rows that were loaded, and those of a finding
about a person name the person.

Knows nothing of rules: it looks the rows up in `raw` and searches their texts. Holds no test.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

MOST_ROWS = 20


def evidence_differences(data: Path) -> list[str]:
    """One sentence per finding of a reviewed data folder, of any month, whose evidence does not hold."""
    with duckdb.connect() as con:
        con.execute(f"attach '{data / 'warehouse' / 'selfaudit.duckdb'}' as made (read_only)")
        con.execute(f"attach '{data / 'published' / 'selfaudit.duckdb'}' as published (read_only)")
        con.execute(
            "create temp table named as select review_month, rule_id, finding_id, evidence_count, "
            "regexp_replace(lower(coalesce(person_key, '')), '^(hash|device):', '') as who, "
            "split_part(part, ':', 1) as sha256, "
            "cast(unnest(string_split(split_part(part, ':', 2), ',')) as bigint) as number "
            "from (select *, unnest(string_split(evidence, ';')) as part from published.calendar.findings)"
        )
        tables = [
            t
            for (t,) in con.execute(
                "select table_name from duckdb_columns() "
                "where database_name = 'made' and schema_name = 'raw' and column_name = '_src' order by 1"
            ).fetchall()
        ]
        con.execute(
            "create temp table sources as select n.*, g.file * 10000000000 + n.number as src from named as n left join "
            "(select sha256, min(_file_no) as file from made.raw.file_register where verdict = 'loaded' group by 1) "
            "as g using (sha256)"
        )
        rows = " union all ".join(
            f"select _src as src, lower(cast(to_json(r) as varchar)) as text from made.raw.{t} as r "
            "where _src in (select src from sources)"
            for t in tables
        )
        found = con.execute(
            f"with texts as ({rows}) select review_month, rule_id, finding_id, count(distinct src) as n, "
            "count(*) filter (where text is null) as lost, coalesce(bool_or(contains(text, who)), false) as names, "
            "any_value(evidence_count) as told "
            "from sources left join texts using (src) group by all order by all"
        ).fetchall()
        without = con.execute(
            "select review_month, rule_id, finding_id from published.calendar.findings "
            "where coalesce(evidence, '') = '' and rule_id <> 'CAL-01' order by all"
        ).fetchall()
    said = [f"{month} {rule} {finding}: no evidence" for month, rule, finding in without]
    for month, rule, finding, n, lost, names, told in found:
        where = f"{month} {rule} {finding}"
        if lost:
            said.append(f"{where}: {lost} of its rows were not loaded")
        elif not names:
            said.append(f"{where}: none of its {n} rows names the person")
        if n > MOST_ROWS or told < n:
            said.append(f"{where}: {n} rows, counted as {told}")
    return said
