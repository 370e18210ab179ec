"""An empty landing zone with its documentation: which files `selfaudit init` writes, as texts. Writes nothing itself.

Documentation lies beside the landing zone and not in it, because every file below `landing/` is a delivered file: it is
registered, hashed and never changed. The only things inside are empty folders, manifests in which every line is a
comment, and tables of the company without rows.
"""

from __future__ import annotations

import re

from pipelines.contracts import INPUTS, REFERENCE
from pipelines.guide.tables import columns_table, example_row, headers_table, key_in_words, reference_page, template
from pipelines.partitions import as_of, shift
from pipelines.settings import ROOT

EXPORTING = ROOT / "docs" / "exporting.md"
START = "START-HERE.md"
# Folder of a month → heading of the page on getting the files. The folders are a help; files lie where one likes.
FOLDERS = {
    "1-user-management": "1 User management",
    "2-product-access": "2 Product access",
    "3-usage-reports": "3 Usage reports",
    "4-reporting": "4 Reporting, telemetry",
    "5-billing": "5 Billing and orders",
    "6-sso-identity": "6 SSO and identity",
    "7-admin-console": "7 Admin console",
    "8-flex": "8 Flex usage",
    "9-from-elsewhere": "From elsewhere",
}
EVERY_SECTION = ("Before the first export", "What spoils an export")
# Inputs that somebody writes by hand: no system exports them in this form.
FORMS = (
    "product_access",
    "hub_members",
    "lrt",
    "invoices",
    "sso_config",
    "flex_packs",
    "flex_balance",
    "contractors",
    "perpetual_licences",
    "vendor_claims",
    "sam_usage",
)


def chapters(text: str) -> dict[str, str]:
    """Heading → text of each second-level chapter of a Markdown page; the text before the first one under the empty
    heading.
    """
    parts = re.split(r"^## (.+)\n", text, flags=re.M)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def manifest(month: str) -> str:
    """A manifest in which every line is a comment: it says nothing until somebody removes a `#`."""
    return (
        f"# Facts about the files of {month} that the files do not state. Remove the # from the lines that you can "
        "fill in; none is required.\n"
        "# This manifest applies to every file below its folder; <file>.manifest.yml next to a file applies to that "
        "file only.\n"
        "#\n"
        f"# exported_at: {shift(month, 1)}-03T08:30:00Z   # of two files for the same month, the later one counts\n"
        "# date_order: dmy                    # order of dates like 03/04/2026: dmy, mdy or ymd\n"
        "# timezone: Europe/Berlin            # for times without an offset; default UTC\n"
        "# input: product_access              # only if a file is not recognised by its header\n"
        "# encoding: windows-1250             # only if a text is not Unicode and is read incorrectly\n"
        "# language: de                       # language of month names in dates\n"
        "# scope: active                      # a list of workers without former ones\n"
        "# filters: none                      # a filter that was set makes the file incomplete: nothing is concluded "
        "from missing people\n"
        "# complete: yes                      # yes or no decides whether the file is complete\n"
        "# team: Harbour Studio               # the team of a Data Connector's hub\n"
        "#\n"
        "# The rest is kept with the files for information; nothing is computed from it.\n"
        "# exported_by: licence desk\n"
        f"# range_start: {shift(month, -11)}-01\n"
        f"# range_end: {as_of(month)}\n"
    )


def empty_landing_zone(month: str) -> tuple[list[str], dict[str, str]]:
    """(folders, path → text) of a data folder for a first review month; paths are relative to it, with /."""
    folders = [*(f"landing/{month}/{name}" for name in FOLDERS), "landing/decisions"]
    files = {f"landing/{month}/_manifest.yml": manifest(month)}
    files |= {f"landing/reference/{name}.csv": template(contract) for name, contract in REFERENCE.items()}
    files |= {f"docs/reference/{name}.md": _links_out(reference_page(c)) for name, c in REFERENCE.items()}
    files |= {f"docs/templates/{name}.csv": template(INPUTS[name]) for name in FORMS}
    files |= {f"docs/templates/{name}.md": _form_page(name) for name in FORMS}
    files |= _section_pages()
    files[START] = _readme(month)
    return folders, files


def _section_pages() -> dict[str, str]:
    found = chapters(EXPORTING.read_text(encoding="utf-8"))
    common = "\n".join(f"## {heading}\n{found[heading]}" for heading in EVERY_SECTION)
    pages = {f"docs/{name}.md": f"# {heading}\n{_links_out(found[heading])}" for name, heading in FOLDERS.items()}
    pages["docs/0-every-section.md"] = _links_out(f"{found[''].rstrip()}\n\n{common}")
    return pages


def _links_out(text: str) -> str:
    """Links to pages of the site as plain words: they would lead nowhere from a data folder."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)


def _form_page(name: str) -> str:
    contract = INPUTS[name]
    parts = [
        f"# {contract.title}: `{name}`\n",
        f"Copy `{name}.csv` into the month's folder of the landing zone and add rows; do not change the header. The "
        "file in this folder is not read.\n",
        columns_table(contract),
        "An example, with invented data:\n",
        f"```text\n{template(contract)}{example_row(contract)}```\n",
    ]
    spellings = headers_table(contract)
    return "\n".join([*parts, "Other headers that are understood:\n", spellings] if spellings else parts)


def _readme(month: str) -> str:
    tables = "\n".join(
        f"| `landing/reference/{n}.csv` | {c.title} | {key_in_words(c).split('.')[0]} |" for n, c in REFERENCE.items()
    )
    sections = "\n".join(f"| `landing/{month}/{n}/` | {h} | `docs/{n}.md` |" for n, h in FOLDERS.items())
    return f"""# A data folder of selfaudit

This folder contains no data yet. The first review takes three steps:

1. Put the exports of {month} into `landing/{month}/`. `docs/0-every-section.md` and the page of each section
   say how to export each file, and what to watch for. The sub-folders are optional, because a file is
   recognised by its contents. One file is enough to begin with.
2. Fill in those tables in `landing/reference/` that you have data for; each has a page in `docs/reference/`. A table
   with a header and no rows has no effect.
3. Run `selfaudit --data . run`, then `selfaudit --data . doctor`, which lists what is missing
   and what to do about it. Open `published/pages/index.html`.

For the next month, make a new folder `landing/YYYY-MM/` and do the same.

| folder | section | page |
| --- | --- | --- |
{sections}

| table | what it is | key |
| --- | --- | --- |
{tables}

Templates for data that no system exports are in `docs/templates/`: copy one into the folder of the month and add rows.

Put completed workbooks from `published/` into `landing/decisions/`. The next run reads them, answers each with a
text file next to it, and moves it to `landing/decisions/taken/`.

Everything else below `landing/` is treated as a delivered file: it is read, registered
and not changed by any run. Therefore the pages are in `docs/`; you may delete this page and `docs/`.
"""
