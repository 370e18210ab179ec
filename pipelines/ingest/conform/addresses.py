"""The address in a cell of an e-mail column, and the further addresses of a directory account. SQL; reads no file.

Sources of further addresses are proxyAddresses, otherMails, lists of e-mails, aliases, and the sign-in name of a guest
(`name_firm.tld#EXT#@tenant`, which was `name@firm.tld`). Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import re

from pipelines.contracts.aliases import aliases, fold
from pipelines.ingest.recognise.inputs import Match
from pipelines.ingest.sqltext import ANY_BLANK, literal

COLUMN = "other_addresses"
# A `+` separates addresses only where another kind of address follows it: it may stand in a name too.
NEXT_KIND = r"\+([A-Za-z0-9]{2,12}:)"
SEPARATORS = r"[;,|\s]+"
AROUND = "[]{}()<>\"''"
# No slash and no equals sign: parts of X.500 names hold them.
ADDRESS = r"(smtp:)?[^\s:@/=()]+@[^\s:@/=()]+"
GUEST = r"^(.+)_([^_@]+\.[^_@]+)#ext#@.+$"

# How mail programs, web pages and directories write an address: `Name <address>`, `mailto:address`, several with `;`,
# `[address](mailto:address)`, `Name address`, `address (Name)`.
IN_BRACKETS = r"<\s*([^<>\s]+@[^<>\s]+)\s*>"
AROUND_AT = rf"{ANY_BLANK}*@{ANY_BLANK}*"
# A sign-in name may hold blanks, before which nothing is taken away.
ANYWHERE = r"""[^\s<>()\[\]{}",;:|=?]+@[^\s<>()\[\]{}",;:|=?]+"""
BEFORE_ADDRESS = r"^\W*(?:mailto|smtp):\s*"
AFTER_ADDRESS = r"[;,|>].*$"
ENDS = rf"""^(?:{ANY_BLANK}|['"])+|(?:{ANY_BLANK}|['".])+$"""
UNSEEN = r"[\x{200B}-\x{200F}\x{2060}\x{00AD}\x{FEFF}]"


def bare_address(cell: str, is_sign_in: bool = False) -> str:
    """SQL of the address in a cell, lower case: without the name beside it, what a mail program puts around it, and
    characters that nobody sees. Of several the first. A cell that is an address alone, or none, is itself.

    is_sign_in: it is a name to sign in with, which may hold blanks.
    """
    # Searches for a character each take a tenth of what one for any of them does. Quotes are below the bracket. What is
    # not ASCII has more bytes than characters.
    marks = "<:;,|" if is_sign_in else "<:;,|(["
    blank = f"{cell} not like '% %'" if not is_sign_in else "true"
    plain = " and ".join(
        [
            f"{cell} >= '('",
            f"strlen({cell}) = length({cell})",
            f"{cell}[-1] <> '.'",
            blank,
            *(f"not contains({cell}, '{mark}')" for mark in marks),
        ]
    )
    seen = f"regexp_replace({cell}, {literal(UNSEEN)}, '', 'g')"
    inside = f"regexp_extract({cell}, {literal(IN_BRACKETS)}, 1)"
    if is_sign_in:
        first = f"regexp_replace({seen}, {literal(BEFORE_ADDRESS)}, '', 'i')"
        found = f"regexp_replace({first}, {literal(AFTER_ADDRESS)}, '')"
    else:
        closed = f"regexp_replace({seen}, {literal(AROUND_AT)}, '@', 'g')"
        found = f"coalesce(nullif(regexp_extract({closed}, {literal(ANYWHERE)}), ''), {seen})"
    return (
        f"lower(case when {plain} or not contains({cell}, '@') then {cell} when {inside} <> '' then {inside} "
        f"else regexp_replace({found}, {literal(ENDS)}, '', 'g') end)"
    )


def with_addresses(match: Match, typed: str) -> str:
    """SELECT of the typed rows with `other_addresses` (lower case, `;` between, sorted, each once) and `mail`, where it
    is empty the primary address (`SMTP:`).
    """
    more = sorted(h for h in match.extra if fold(h) in _headers() and re.match(r"[A-Za-z]", h))
    cells = [COLUMN, *(f"_extra ->> {literal(h)}" for h in more)]
    text = f"regexp_replace(concat_ws(';', {', '.join(cells)}), {literal(NEXT_KIND)}, ';\\1', 'g')"
    pieces = f"list_transform(regexp_split_to_array({text}, {literal(SEPARATORS)}), lambda p: trim(p, '{AROUND}'))"
    kept = f"list_filter({pieces}, lambda p: regexp_full_match(lower(p), {literal(ADDRESS)}))"
    plain = f"list_transform({kept}, lambda p: regexp_replace(lower(p), '^smtp:', ''))"
    upn = "lower(user_principal_name)"
    guest = (
        f"case when regexp_matches({upn}, {literal(GUEST)}) then [regexp_replace({upn}, {literal(GUEST)}, "
        "'\\1@\\2')] else [] end"
    )
    addresses = f"nullif(array_to_string(list_sort(list_distinct(list_concat({plain}, {guest}))), ';'), '')"
    primary = (
        f"lower(replace(list_filter({pieces}, lambda p: regexp_full_match(p, 'SMTP:[^\\s:@]+@[^\\s:@]+'))[1], "
        "'SMTP:', ''))"
    )
    return f"select * replace ({addresses} as {COLUMN}, coalesce(mail, {primary}) as mail) from {typed}"


def _headers() -> set[str]:
    return {COLUMN, *(a.alias for a in aliases().get("directory_users", ()) if a.column == COLUMN)}
