"""Signatures: keys and who may hold them, the list of files, statements, time stamps by a local authority."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.publish.seals import stamps
from pipelines.publish.seals.keys import (
    SigningKeyError,
    as_pem,
    is_signed,
    new_key,
    read_private,
    read_public,
    signer_of,
)
from pipelines.publish.seals.listing import NO_FILE, as_text, differences, from_text, hashes
from pipelines.publish.seals.memory import Memory, read, write
from pipelines.publish.seals.statements import Statement, canonical, row_sha256, sign_off_statement, statement_of
from pipelines.settings import SealSettings, SettingsError, load_seal_settings

STATEMENT = Statement(
    3, "a" * 64, 7, "b" * 64, "2026-09", "2026-10", ("2026-10",), "c" * 64, 5, "d" * 64, "selfaudit 0"
)


def openssl() -> str:
    """The program, or the test is skipped, which it says."""
    program = shutil.which("openssl")
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout if program else ""
    if not program or int(said.split()[1].split(".")[0]) < 3:
        pytest.skip("no openssl 3 on this machine: its check of signatures is not tried here")
    return program


def test_a_key_is_for_its_owner_alone_and_opens_with_its_passphrase(tmp_path: Path):
    path = tmp_path / "keys" / "signing.key"
    public = new_key(path, "secret", tmp_path / "data")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = read_private(path, "secret", tmp_path / "data")
    assert as_pem(key.public_key()) == public.read_bytes() == as_pem(read_public(public))
    with pytest.raises(SigningKeyError, match="SELFAUDIT_SIGNING_PASSPHRASE"):
        read_private(path, "another", tmp_path / "data")
    with pytest.raises(SigningKeyError, match="already exists"):
        new_key(path, "secret", tmp_path / "data")
    path.chmod(0o640)
    with pytest.raises(SigningKeyError, match="chmod 600"):
        read_private(path, "secret", tmp_path / "data")


def test_no_private_key_lies_in_the_data_folder(tmp_path: Path):
    data = tmp_path / "data"
    with pytest.raises(SigningKeyError, match="is in the data folder"):
        new_key(data / "state" / "signing.key", "", data)
    new_key(tmp_path / "signing.key", "", data)
    data.mkdir()
    shutil.copy(tmp_path / "signing.key", data / "signing.key")
    with pytest.raises(SigningKeyError, match="is in the data folder"):
        read_private(data / "signing.key", "", data)


def test_the_key_of_the_environment_and_a_program_sign_alike(tmp_path: Path):
    key = tmp_path / "signing.key"
    public = new_key(key, "", tmp_path / "data")
    program = tmp_path / "sign.py"
    program.write_text(
        "import sys\nfrom cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        f"key = load_pem_private_key(open({str(key)!r}, 'rb').read(), None)\n"
        "sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))\n"
    )
    by_text = signer_of(SealSettings(key_text=key.read_text()), tmp_path / "data")
    by_program = signer_of(
        SealSettings(command=(sys.executable, str(program)), command_key=str(public)), tmp_path / "data"
    )
    assert by_text and by_program
    assert by_text.sign(b"what is said") == by_program.sign(b"what is said")
    assert is_signed(read_public(public), b"what is said", by_text.sign(b"what is said"))
    assert not is_signed(read_public(public), b"what was said", by_text.sign(b"what is said"))


@pytest.mark.parametrize(
    ("code", "words"),
    [("print('no')", "is not a signature by the key"), ("raise SystemExit('token locked')", "token locked")],
)
def test_a_program_that_does_not_sign_is_named(tmp_path: Path, code: str, words: str):
    public = new_key(tmp_path / "signing.key", "", tmp_path / "data")
    signer = signer_of(SealSettings(command=(sys.executable, "-c", code), command_key=str(public)), tmp_path / "data")
    assert signer
    with pytest.raises(SigningKeyError, match=words):
        signer.sign(b"what is said")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SIGNING_KEY": "a", "SIGNER": "b"}, "Set only one"),
        ({"SIGNER": "sign"}, "SELFAUDIT_SIGNER_PUBLIC_KEY"),
        ({"SIGNING_KEY_PEM": "x"}, "SELFAUDIT_SEAL_MEMORY"),
        ({"TSA_URL": "ftp://stamps.example"}, "begins with https"),
        ({"TSA_URL": "https://stamps.example", "TSA_HOSTS": "other.example"}, "does not list"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], words: str
):
    for name, value in given.items():
        monkeypatch.setenv(f"SELFAUDIT_{name}", value)
    with pytest.raises(SettingsError, match=words):
        load_seal_settings()


def test_a_list_is_read_by_sha256sum_whatever_files_are_called(tmp_path: Path):
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("plain.csv", "two words.csv", "back\\slash.csv", "line\nend.csv", "\\n.csv", "ü.csv"):
        (folder / name).write_text(name)
    listed = hashes(tmp_path)
    assert from_text(as_text(listed)) == listed and len(listed) == 6
    (tmp_path / "list").write_bytes(as_text(listed))
    done = subprocess.run(["sha256sum", "--check", "--quiet", "list"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done
    (folder / "two words.csv").write_text("others")
    (folder / "plain.csv").unlink()
    (folder / "more.csv").symlink_to(folder / "ü.csv")
    assert hashes(tmp_path)["published/more.csv"] == NO_FILE
    assert differences(listed, hashes(tmp_path)) == {
        "published/more.csv": "new",
        "published/plain.csv": "missing",
        "published/two words.csv": "changed",
    }


def test_a_pipe_is_not_listed_and_not_read(tmp_path: Path):
    (tmp_path / "published").mkdir()
    pipe = tmp_path / "published" / "pipe"
    os.mkfifo(pipe)
    # Whoever reads the pipe finds its end, so that a list that reads it does not wait for ever.
    writer = threading.Thread(target=lambda: pipe.open("wb").close(), daemon=True)
    writer.start()
    assert hashes(tmp_path) == {}
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer.join()
    os.close(reader)


# A name as the system gives it: any bytes but a zero.
NAMES = st.binary(min_size=1).map(lambda b: b.replace(b"\0", b"x").decode(errors="surrogateescape"))
HASHES = st.sampled_from(["0" * 64, "a" * 64, "b" * 64])


@given(listed=st.dictionaries(NAMES, HASHES))
@example(listed={"a\u2028b": "a" * 64, "c\x0cd": "b" * 64, "\x85": "a" * 64, "\\\\n": "b" * 64, "\r": "a" * 64})
def test_a_list_is_read_again_whatever_files_are_called(listed: dict[str, str]):
    assert from_text(as_text(listed)) == listed


@given(listed=st.dictionaries(NAMES, HASHES), there=st.dictionaries(NAMES, HASHES))
def test_what_became_of_every_file_is_told_once(listed: dict[str, str], there: dict[str, str]):
    found = differences(listed, there)
    assert list(found) == sorted(found)
    for name in listed.keys() | there.keys():
        same = listed.get(name) == there.get(name)
        wanted = "new" if name not in listed else "missing" if name not in there else "changed"
        assert found.get(name) == (None if same else wanted)


@pytest.mark.parametrize("line", [b"a" * 63 + b"  x", b"a" * 64 + b" x", b"a" * 64, b"\n", b"a" * 64 + b"  x\n\n"])
def test_a_line_that_sha256sum_does_not_write_is_refused(line: bytes):
    with pytest.raises(ValueError, match="is not a line of sha256sum"):
        from_text(line)


def test_a_statement_has_one_form_and_others_are_refused():
    content = STATEMENT.as_bytes()
    assert statement_of(content) == STATEMENT
    for other in (
        content.replace(b"\n", b""),
        content.replace(b'"files": 5', b'"files": 5, "more": 1'),
        b"[]",
        b"\xff",
    ):
        with pytest.raises(ValueError):
            statement_of(other)
    with pytest.raises(ValueError, match="its fields are not those of a statement"):
        statement_of(b"{}")


def test_a_sign_off_is_signed_without_its_name():
    row = {"activity": "a", "period": "2026-10", "by": "Ada Example", "at": "2026-11-20T00:00:00Z"}
    assert b"Ada" not in sign_off_statement(row, False)
    assert row_sha256(row) == row_sha256({**row, "note": ""}) != row_sha256({**row, "by": "Eve"})


def test_what_is_remembered_is_for_its_owner_and_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "memory"
    assert read(path) == Memory()
    write(path, Memory(3, "a", True, ("b",), {"c": "d"}))
    assert read(path) == Memory(3, "a", True, ("b",), {"c": "d"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("{")
    with pytest.raises(SigningKeyError, match="backup"):
        read(path)


CONFIG = """[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = Local stamps
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
default_tsa = local
[local]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """(address, file of its root) of a time-stamp authority on this machine, made by openssl."""
    program, folder = openssl(), tmp_path / "authority"
    folder.mkdir()
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")

    def run(*words: str) -> bytes:
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    new = ("-newkey", "rsa:2048", "-noenc", "-config", "tsa.cnf")
    run("req", "-x509", *new, "-keyout", "root.key", "-out", "root.pem", "-extensions", "root", "-subj", "/CN=Root")
    run("req", *new, "-keyout", "tsa.key", "-out", "tsa.csr")
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-extfile", "tsa.cnf", "-extensions", "stamping")
    run("x509", "-req", "-in", "tsa.csr", *signed, "-out", "tsa.pem")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            own = ("-signer", "tsa.pem", "-inkey", "tsa.key")
            run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", *own, "-out", "answer")
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "answer").read_bytes())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", folder / "root.pem"
        server.shutdown()


def test_a_time_stamp_holds_for_its_bytes_and_its_authority_alone(authority: tuple[str, Path], tmp_path: Path):
    address, root = authority
    roots = stamps.read_roots(root)
    answer = stamps.ask(address, b"a statement", roots, 10)
    assert stamps.fault(answer, b"a statement", roots) == ""
    assert stamps.fault(answer, b"another", roots) == "it is for other data"
    assert stamps.fault(answer, b"a statement", roots, 1) == "it belongs to another request"
    broken = bytearray(answer)
    broken[-20] ^= 1
    assert stamps.fault(bytes(broken), b"a statement", roots)
    assert stamps.fault(b"no stamp", b"a statement", roots)
    (tmp_path / "said").write_bytes(b"a statement")
    (tmp_path / "said.tsr").write_bytes(answer)
    done = subprocess.run(
        [openssl(), "ts", "-verify", "-data", "said", "-in", "said.tsr", "-CAfile", str(root)],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_an_authority_that_is_not_there_is_named():
    with pytest.raises(stamps.StampError, match=r"127\.0\.0\.1 could not be reached"):
        stamps.ask("http://127.0.0.1:9/", canonical({}), [], 5)
