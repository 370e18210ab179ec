"""A directory that speaks LDAP: its export is read, and the files made from it change it, by OpenLDAP's programs."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.ingest.forms.adapters import ldif
from pipelines.publish.work_files import _ldif

SCHEMA = Path("/etc/ldap/schema")
ADMIN, SECRET, BASE = "cn=admin,dc=corp,dc=example", "secret", "dc=corp,dc=example"
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        shutil.which("slapd") is None, reason="OpenLDAP's server (Debian: slapd, ldap-utils) is missing"
    ),
]
CONFIGURATION = """include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw {secret}
directory {folder}
"""
ENTRIES = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: corp
o: corp

dn: cn=Jürgen Önder,{BASE}
objectClass: inetOrgPerson
cn: Jürgen Önder
sn: Önder
mail: jo@corp.example

dn: cn=Ann Bee,{BASE}
objectClass: inetOrgPerson
cn: Ann Bee
sn: Bee
mail: ann@corp.example

dn: cn=SG-CAD,{BASE}
objectClass: groupOfNames
cn: SG-CAD
member: cn=Jürgen Önder,{BASE}
member: cn=Ann Bee,{BASE}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """URL of a server that holds ENTRIES."""
    (tmp_path / "db").mkdir()
    settings = tmp_path / "slapd.conf"
    folder = tmp_path / "db"
    settings.write_text(
        CONFIGURATION.format(schema=SCHEMA, base=BASE, admin=ADMIN, secret=SECRET, folder=folder), encoding="utf-8"
    )
    (tmp_path / "entries.ldif").write_text(ENTRIES, encoding="utf-8")
    subprocess.run(["slapadd", "-f", settings, "-l", tmp_path / "entries.ldif"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # -d keeps it in the foreground, so that it ends with the test.
    with subprocess.Popen(
        ["slapd", "-d", "0", "-f", settings, "-h", f"ldap://127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as running:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"ldap://127.0.0.1:{port}"
        finally:
            running.terminate()


def search(server: str, *what: str) -> str:
    return subprocess.run(
        ["ldapsearch", "-x", "-H", server, "-b", BASE, *what], check=True, capture_output=True, text=True
    ).stdout


def test_a_member_is_taken_out_of_the_group_by_what_the_directory_itself_exported_and_not_before_it_is_told(
    server, tmp_path
):
    export = tmp_path / "directory.ldif"
    export.write_text(search(server), encoding="utf-8")
    _, members = ldif.tables(export) or []
    of = [dict(zip(members.header, row, strict=True)) for row in members.rows]
    (leaver,) = [m for m in of if m["mail"] == "jo@corp.example"]
    made = _ldif(
        [
            {
                "group_dn": leaver["groupDn"],
                "member_attribute": leaver["memberAttribute"],
                "member_value": leaver["memberValue"],
                "also_lost": "",
            }
        ]
    )
    folder = tmp_path / "do"
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    account = ["-x", "-H", server, "-D", ADMIN, "-w", SECRET]
    command = ["sh", folder / "groups/remove-members.sh"]
    group = f"cn=SG-CAD,{BASE}"

    subprocess.run([*command, *account], check=True)
    assert search(server, "-s", "base", "-b", group, "member").count("\nmember:") == 2
    subprocess.run([*command, "--apply", *account], check=True)
    left = search(server, "-s", "base", "-b", group, "member")
    assert left.count("\nmember:") == 1 and f"member: cn=Ann Bee,{BASE}" in left
    # Once more: the server says that the membership is gone, and the exit code too.
    assert subprocess.run([*command, "--apply", *account], check=False).returncode == 16
