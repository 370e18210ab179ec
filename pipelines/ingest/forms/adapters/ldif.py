"""LDIF (RFC 2849) of Active Directory or another LDAP server: users, or groups with their members.

Knows base64 values (`::`), folded lines, comments, generalizedTime, FILETIME and bit 2 of userAccountControl. Entries
that are neither user nor group (organisational units, computers, containers) are no rows. Change records other than
`add` are refused: such a file is an instruction, not an export.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.landing.paging import Page

Entry = dict[str, list[bytes]]
USER_HEADER = [
    "objectGUID",
    "userPrincipalName",
    "mail",
    "givenName",
    "sn",
    "accountEnabled",
    "userType",
    "department",
    "company",
    "employeeID",
    "whenCreated",
    "lastLogonTimestamp",
    "accountExpires",
    "proxyAddresses",
]
MEMBER_HEADER = [
    "groupName",
    "memberId",
    "userPrincipalName",
    "mail",
    "memberType",
    "groupDn",
    "memberAttribute",
    "memberValue",
]
USER_CLASSES = {"user", "person", "inetorgperson", "organizationalperson", "posixaccount"}
OTHER_CLASSES = {"computer", "contact", "msds-groupmanagedserviceaccount", "msds-managedserviceaccount"}
GROUP_CLASSES = {"group", "groupofnames", "groupofuniquenames", "posixgroup"}
# What `ldapsearch` prints about the search itself.
NO_ENTRY = {"version", "search", "result", "control", "matcheddn", "text", "ref", "pagedresults"}
RESULT = re.compile(r"result: *([0-9]{1,6})(.*)", re.IGNORECASE)
COOKIE = re.compile(r"pagedresults: .*?cookie=(\S*)", re.IGNORECASE)
COUNTED = re.compile(r"numentries: *([0-9]{1,12})", re.IGNORECASE)
FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
FILETIME_NEVER = {0, 0x7FFFFFFFFFFFFFFF}
GENERALIZED = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})?")


def is_ldif(head: bytes) -> bool:
    """Whether the beginning of a file (decoded or not) is LDIF: its first line of content is `version:` or `dn:`."""
    text = (
        head.decode("utf-16", "replace")
        if head[:2] in (b"\xff\xfe", b"\xfe\xff")
        else head.decode("utf-8-sig", "replace")
    )
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", " ")):
            return bool(re.match(r"version: *\d+ *$|dn::? ?\S", line, re.IGNORECASE))
    return False


def tables(path: Path) -> list[TextTable] | None:
    """Users and group members of an LDIF file; None if it has neither. Raises ValueError where the syntax is broken."""
    lines = list(_lines(path))
    entries = list(_entries(lines))
    users = [e for e in entries if _is_user(e)]
    groups = [e for e in entries if _classes(e) & GROUP_CLASSES]
    found: list[TextTable] = []
    if users:
        found.append(TextTable(USER_HEADER, [_user(e) for e in users], "ldif_users"))
    if groups:
        by_name = {_dn(e): e for e in entries}
        rows = [row for group in groups for row in _members(group, by_name)]
        found.append(TextTable(MEMBER_HEADER, rows, "ldif_groups"))
    page = Page(str(path), len(entries), parts=tuple(_cut_off(lines, len(entries))))
    for table in found:
        table.page = page
    return found or None


def _cut_off(lines: list[str], entries: int) -> Iterator[str]:
    """Why a search did not bring everything: a result other than 0, a further page, fewer entries than it counts.
    `ldapsearch` prints these.
    """
    cookie = None
    for line in lines:
        text = line.lstrip("# ")
        if (found := RESULT.fullmatch(text)) and int(found[1]) != 0:
            yield f"the search ended with result {found[1]}{' (' + found[2].strip() + ')' if found[2].strip() else ''}"
        elif found := COOKIE.match(text):
            cookie = found[1]
        elif (found := COUNTED.fullmatch(text)) and int(found[1]) > entries:
            yield f"the search counts {found[1]} entries, the file holds {entries}"
    if cookie:
        yield "the search names a further page (pagedresults)"


def _lines(path: Path) -> Iterator[str]:
    """Unfolded lines, comments too; '' parts entries."""
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    held: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.startswith(" ") and held and held[0]:
            held.append(line[1:])
            continue
        if held:
            yield "".join(held)
        held = [line]
    if held:
        yield "".join(held)
    yield ""


def _entries(lines: list[str]) -> Iterator[Entry]:
    entry: Entry = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if entry.keys() - NO_ENTRY:
                yield _export(entry)
            entry = {}
            continue
        if line.strip() == "-" and "changetype" in entry:
            continue
        name, colon, rest = line.partition(":")
        if not colon:
            raise ValueError(f"LDIF: line {number} has no attribute name: {line[:60]!r}")
        # Options such as `;lang-en` or `;binary` say how a value is written, not what it is.
        attribute = name.split(";")[0].strip().lower()
        entry.setdefault(attribute, []).append(_value(rest, number))


def _value(rest: str, number: int) -> bytes:
    if rest.startswith(":"):
        try:
            return base64.b64decode(rest[1:].strip(), validate=True)
        except binascii.Error as error:
            raise ValueError(f"LDIF: line {number} holds damaged base64 ({error})") from error
    # `:<` points to another file; it is not followed, the value is unknown.
    return b"" if rest.startswith("<") else rest.strip(" ").encode()


def _export(entry: Entry) -> Entry:
    change = _text(entry, "changetype")
    if change not in (None, "add"):
        raise ValueError(f"LDIF: a change record ({change}) of {_dn(entry)!r}; an export of entries is expected")
    return entry


def _texts(entry: Entry, name: str) -> list[str]:
    return [v.decode("utf-8", "replace").strip() for v in entry.get(name.lower(), []) if v.strip()]


def _text(entry: Entry, *names: str) -> str | None:
    for name in names:
        found = _texts(entry, name)
        if found:
            return found[0]
    return None


def _dn(entry: Entry) -> str:
    return (_text(entry, "dn") or "").lower()


def _classes(entry: Entry) -> set[str]:
    return {c.lower() for c in _texts(entry, "objectclass")}


def _is_user(entry: Entry) -> bool:
    classes = _classes(entry)
    if classes:
        return bool(classes & USER_CLASSES) and not classes & (OTHER_CLASSES | GROUP_CLASSES)
    # A search for chosen attributes prints no class.
    return any(n in entry for n in ("userprincipalname", "samaccountname", "uid", "mail")) and "member" not in entry


def _user(entry: Entry) -> list[str | None]:
    return [
        _identifier(entry),
        # Where a directory has no sign-in names of their own, people sign in with their addresses.
        _text(entry, "userPrincipalName", "krbPrincipalName", "uid", "mail"),
        _text(entry, "mail"),
        _text(entry, "givenName"),
        _text(entry, "sn"),
        _enabled(entry),
        _text(entry, "userType"),
        _text(entry, "department", "departmentNumber", "ou"),
        _text(entry, "company", "o"),
        _text(entry, "employeeID", "employeeNumber"),
        _generalized(_text(entry, "whenCreated", "createTimestamp")),
        _filetime(_text(entry, "lastLogonTimestamp", "lastLogon")),
        _filetime(_text(entry, "accountExpires")),
        ";".join(
            a for n in ("proxyAddresses", "mail", "mailAlternateAddress", "otherMailbox") for a in _texts(entry, n)
        )
        or None,
    ]


def _identifier(entry: Entry) -> str | None:
    """objectGUID as text (16 bytes, first three fields little endian), else entryUUID, else the distinguished name."""
    raw = entry.get("objectguid", [b""])[0]
    if len(raw) == 16:
        return str(uuid.UUID(bytes_le=raw))
    return _text(entry, "objectGUID", "entryUUID", "ipaUniqueID", "nsUniqueId", "dn")


def _enabled(entry: Entry) -> str | None:
    """Bit 2 of userAccountControl is ACCOUNTDISABLE; other servers say nsAccountLock or loginDisabled."""
    control = _text(entry, "userAccountControl")
    if control is not None and re.fullmatch(r"-?\d{1,20}", control):
        return "false" if int(control) & 2 else "true"
    locked = _text(entry, "nsAccountLock", "loginDisabled")
    if locked is not None:
        return "false" if locked.lower() == "true" else "true"
    return _text(entry, "accountEnabled")


def _generalized(value: str | None) -> str | None:
    """generalizedTime (`20240101000000.0Z`) as ISO 8601; what does not fit is left for the contract to reject."""
    match = GENERALIZED.fullmatch(value or "")
    if match is None:
        return value
    year, month, day, hour, minute, second, zone = match.groups()
    if zone and zone != "Z":
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{year}-{month}-{day}T{hour}:{minute or '00'}:{second or '00'}{zone or 'Z'}"


def _filetime(value: str | None) -> str | None:
    """FILETIME (100 ns since 1601-01-01 UTC) as ISO 8601; 0 and the greatest number mean never."""
    if value is None or not re.fullmatch(r"-?\d{1,20}", value):
        return value
    ticks = int(value)
    if ticks in FILETIME_NEVER:
        return None
    try:
        moment = FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _members(group: Entry, by_name: dict[str, Entry]) -> Iterator[list[str | None]]:
    name = _text(group, "displayName", "cn", "name", "sAMAccountName")
    dn = _text(group, "dn")
    for attribute in ("member", "uniqueMember", "memberUid"):
        for member in _texts(group, attribute):
            person = by_name.get(member.lower())
            if person is None:
                yield [name, member, None, None, None, dn, attribute, member]
                continue
            kind = "group" if _classes(person) & GROUP_CLASSES else "user"
            principal, mail = _text(person, "userPrincipalName"), _text(person, "mail")
            yield [name, _identifier(person), principal, mail, kind, dn, attribute, member]
