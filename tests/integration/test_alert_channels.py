"""Alerts on their way: a real HTTP listener and a real SMTP server on this machine, in order and out of order."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pipelines.alerts.alert import Alert, Item
from pipelines.alerts.conditions import failed_run
from pipelines.alerts.deliver import Delivery, deliver
from pipelines.settings import AlertSettings, Settings
from tests.conftest import COMMAND, ROOT, Reviewed

NOW = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
ALERTS = [
    Alert("tokens", (Item("tokens:1", "short: the tokens end on 2027-01-05", "pool Ada"), Item("tokens:2", "tight")))
]


@dataclass
class Listener:
    """A webhook's far end: what it got, and what it answers (codes in order, the last one for ever)."""

    got: list[dict[str, Any]] = field(default_factory=list)
    codes: list[int] = field(default_factory=lambda: [200])
    asked: int = 0
    silent: threading.Event | None = None


@pytest.fixture
def listener() -> Iterator[tuple[Listener, str]]:
    far = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            far.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if far.silent:
                far.silent.wait(20)
            code = far.codes.pop(0) if len(far.codes) > 1 else far.codes[0]
            if code == 200:
                far.got.append(json.loads(body))
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield far, f"http://127.0.0.1:{server.server_port}/services/SECRET"
    if far.silent:
        far.silent.set()
    server.shutdown()
    server.server_close()


class Mailbox:
    """A mail server's hands: what it got, whom it refuses, what it answers to the text."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.refuses: set[str] = set()
        self.answers: list[str] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it by this name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  as above
        if self.answers:
            return self.answers.pop(0)
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(box: Mailbox, **options: Any) -> Controller:
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    return controller


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, AlertSettings]]:
    box = Mailbox()
    controller = started(box)
    yield box, mailed(controller.port)
    controller.stop()


def mailed(port: int, **more: Any) -> AlertSettings:
    given: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "sender": "selfaudit@corp.example",
        "receivers": ("licences@corp.example", "audit@corp.example"),
        "timeout_seconds": 2.0,
    }
    return AlertSettings(**{**given, **more})


def say(
    tmp_path: Path, to: AlertSettings, alerts: list[Alert] | None = None, pauses: list[float] | None = None
) -> Delivery:
    waited: list[float] = [] if pauses is None else pauses
    return deliver(Settings(tmp_path), to, ALERTS if alerts is None else alerts, NOW, ("tokens",), waited.append)


def test_the_webhook_gets_slacks_form_once(tmp_path: Path, listener: tuple[Listener, str]):
    far, address = listener
    to = AlertSettings(webhook=address)
    assert say(tmp_path, to).sent == {"webhook": 2}
    assert say(tmp_path, to).sent == {"webhook": 0}
    (got,) = far.got
    assert got["text"] == "selfaudit: 2 token pools run out"
    assert "• short: the tokens end on 2027-01-05" in got["blocks"][0]["text"]["text"]
    assert "Ada" not in json.dumps(got)


def test_only_what_is_new_is_said_and_what_came_back_is_said_again(tmp_path: Path, listener: tuple[Listener, str]):
    far, address = listener
    to = AlertSettings(webhook=address)
    say(tmp_path, to)
    more = [Alert("tokens", (*ALERTS[0].items, Item("tokens:3", "tight too")))]
    assert say(tmp_path, to, more).sent == {"webhook": 1}
    assert far.got[-1]["text"] == "selfaudit: a token pool runs out"
    say(tmp_path, to, [])
    assert say(tmp_path, to).sent == {"webhook": 2}


def test_a_webhook_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    tmp_path: Path, listener: tuple[Listener, str]
):
    far, address = listener
    to, pauses = AlertSettings(webhook=address), []
    far.codes = [503, 429, 200]
    assert say(tmp_path, to, pauses=pauses).sent == {"webhook": 2}
    assert (far.asked, pauses) == (3, [1.0, 3.0])
    far.codes, far.asked = [404], 0
    done = say(tmp_path, to, [Alert("tokens", (Item("tokens:9", "tight"),))])
    assert far.asked == 1 and "answered 404" in done.failures["webhook"] and "SECRET" not in done.failures["webhook"]
    far.codes, far.asked = [302], 0
    assert "answered 302" in say(tmp_path, to, [Alert("tokens", (Item("tokens:9", "tight"),))]).failures["webhook"]


def test_what_a_webhook_missed_goes_out_the_next_time(tmp_path: Path, listener: tuple[Listener, str]):
    far, address = listener
    down = AlertSettings(webhook=f"http://127.0.0.1:{free_port()}/SECRET", timeout_seconds=1.0)
    done = say(tmp_path, down)
    assert "could not be reached: Connection refused" in done.failures["webhook"] and "SECRET" not in str(done)
    assert say(tmp_path, AlertSettings(webhook=address)).sent == {"webhook": 2}
    assert len(far.got) == 1


def test_a_failed_run_that_a_channel_missed_is_said_with_whatever_is_said_next(
    tmp_path: Path, listener: tuple[Listener, str], mail: tuple[Mailbox, AlertSettings]
):
    far, address = listener
    box, to = mail
    failed = failed_run(["2026-10"], "no cause", NOW.date())
    both_down = mailed(free_port(), webhook=f"http://127.0.0.1:{free_port()}/SECRET", timeout_seconds=1.0)
    assert set(say(tmp_path, both_down, [failed]).failures) == {"webhook", "mail"}
    later = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    up = mailed(to.smtp_port, webhook=address)
    done = deliver(Settings(tmp_path), up, ALERTS, later, ("tokens",), lambda seconds: None)
    assert done.sent == {"webhook": 3, "mail": 3}
    assert far.got[0]["text"] == "selfaudit: a run failed, 2 token pools run out" == box.got[0]["Subject"]
    assert deliver(Settings(tmp_path), up, ALERTS, later, ("tokens",), lambda seconds: None).sent == {
        "webhook": 0,
        "mail": 0,
    }
    assert not (tmp_path / "state" / "alerts" / "waiting.json").exists()


def test_a_webhook_that_never_answers_ends_in_time(tmp_path: Path, listener: tuple[Listener, str]):
    far, address = listener
    far.silent = threading.Event()
    done = say(tmp_path, AlertSettings(webhook=address, timeout_seconds=0.3))
    assert "did not answer in time" in done.failures["webhook"] and far.asked == 3


def test_a_mail_says_it_in_plain_words_with_its_own_id(tmp_path: Path, mail: tuple[Mailbox, AlertSettings]):
    box, to = mail
    assert say(tmp_path, to).sent == {"mail": 2}
    assert say(tmp_path, to).sent == {"mail": 0}
    (got,) = box.got
    assert got["Subject"] == "selfaudit: 2 token pools run out" and got["Auto-Submitted"] == "auto-generated"
    assert got["To"] == "licences@corp.example, audit@corp.example" and got["Date"] == "Wed, 25 Nov 2026 07:00:00 +0000"
    text = got.get_content()  # type: ignore[attr-defined]
    assert "2 token pools run out" in text and "See the token forecast" in text and "Ada" not in text


def test_one_channel_that_fails_does_not_hold_the_other_back(
    tmp_path: Path, listener: tuple[Listener, str], mail: tuple[Mailbox, AlertSettings]
):
    far, address = listener
    box, to = mail
    both = mailed(free_port(), webhook=address)
    done = say(tmp_path, both)
    assert done.sent == {"webhook": 2} and "could not be reached" in done.failures["mail"]
    done = say(tmp_path, mailed(to.smtp_port, webhook=address))
    assert done.sent == {"webhook": 0, "mail": 2}
    assert len(far.got) == 1 and len(box.got) == 1


def test_a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    tmp_path: Path, mail: tuple[Mailbox, AlertSettings]
):
    box, to = mail
    box.answers = ["451 try later"]
    assert say(tmp_path, to).sent == {"mail": 2}
    box.answers = ["554 policy"]
    done = say(tmp_path, to, [Alert("tokens", (Item("tokens:9", "tight"),))])
    assert "refused the mail: 554 policy" in done.failures["mail"] and len(box.got) == 1


def test_receivers_that_are_refused_are_counted_and_the_others_get_their_mail(
    tmp_path: Path, mail: tuple[Mailbox, AlertSettings]
):
    box, to = mail
    box.refuses = {"audit@corp.example"}
    done = say(tmp_path, to)
    assert done.sent == {"mail": 2} and "refused 1 of 2 receivers" in done.remarks[0]
    box.refuses = {"audit@corp.example", "licences@corp.example"}
    done = say(tmp_path, to, [Alert("tokens", (Item("tokens:9", "tight"),))])
    assert "refused all 2 receivers" in done.failures["mail"]


def test_a_mail_server_that_accepts_and_says_nothing_ends_in_time(tmp_path: Path):
    with socket.socket() as dumb:
        dumb.bind(("127.0.0.1", 0))
        dumb.listen(8)
        done = say(tmp_path, mailed(dumb.getsockname()[1], timeout_seconds=0.3))
    assert "did not answer in time" in done.failures["mail"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_mail(authority: trustme.CA) -> Iterator[tuple[Mailbox, Controller]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    box = Mailbox()

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"robot", b"right"), handled=False)

    controller = started(
        box, tls_context=context, require_starttls=True, authenticator=authenticate, auth_required=True
    )
    yield box, controller
    controller.stop()


def test_mail_goes_encrypted_and_with_a_login(
    tmp_path: Path, tls_mail: tuple[Mailbox, Controller], authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
):
    box, controller = tls_mail
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    wrong = mailed(controller.port, smtp_security="starttls", smtp_user="robot", smtp_password="wrong")
    done = say(tmp_path, wrong)
    assert "refused SELFAUDIT_SMTP_USER" in done.failures["mail"] and "wrong" not in str(done)
    right = mailed(controller.port, smtp_security="starttls", smtp_user="robot", smtp_password="right")
    assert say(tmp_path, right).sent == {"mail": 2} and len(box.got) == 1
    assert "right" not in repr(right)


def test_a_certificate_that_nobody_vouches_for_stops_the_mail(tmp_path: Path, tls_mail: tuple[Mailbox, Controller]):
    box, controller = tls_mail
    done = say(tmp_path, mailed(controller.port, smtp_security="starttls", smtp_user="robot", smtp_password="right"))
    assert "is not trusted" in done.failures["mail"] and box.got == []


def test_a_server_without_encryption_gets_nothing_unless_that_is_said(
    tmp_path: Path, mail: tuple[Mailbox, AlertSettings]
):
    box, to = mail
    done = say(tmp_path, mailed(to.smtp_port, smtp_security="starttls"))
    assert "does not offer what SELFAUDIT_SMTP_SECURITY=starttls" in done.failures["mail"] and box.got == []


def test_a_server_that_is_encrypted_from_the_first_byte_is_spoken_to_so(
    tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    box = Mailbox()
    controller = started(box, ssl_context=context)
    done = say(tmp_path, mailed(controller.port, smtp_security="tls"))
    controller.stop()
    assert done.sent == {"mail": 2} and len(box.got) == 1


def command(data: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The command in a process of its own, with these variables."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SELFAUDIT")}
    plain["SELFAUDIT_ALERT_HOSTS"] = "mail.corp.example, 127.0.0.1"
    done = subprocess.run(
        [str(COMMAND), "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**plain, **environment},
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_says_what_is_late_once_and_fails_clearly_where_a_channel_does(
    demo: Reviewed, tmp_path: Path, listener: tuple[Listener, str]
):
    far, address = listener
    data = tmp_path / "data"
    for part in ("landing", "published"):
        shutil.copytree(demo.data / part, data / part)
    day = ("--today", "2026-11-11")
    code, said = command(data, "alerts", *day, SELFAUDIT_ALERT_WEBHOOK=f"http://127.0.0.1:{free_port()}/SECRET")
    assert (
        code == 1
        and "webhook failed" in said
        and "missed alerts are sent the next time" in said
        and "SECRET" not in said
    )
    code, said = command(data, "alerts", *day, SELFAUDIT_ALERT_WEBHOOK=address)
    assert code == 0 and "reviews are overdue" in said and " sent" in said and len(far.got) == 1
    code, said = command(data, "alerts", *day, SELFAUDIT_ALERT_WEBHOOK=address)
    assert code == 0 and "nothing new" in said and len(far.got) == 1
    code, said = command(data, "alerts", *day, "--dry-run")
    assert code == 0 and "No channel is set" in said
    code, said = command(data, "alerts", "--test", SELFAUDIT_ALERT_WEBHOOK=address)
    assert code == 0 and far.got[-1]["text"] == "selfaudit: this is a test"


def test_settings_that_cannot_be_are_refused_in_words(tmp_path: Path):
    for name, value, expected in (
        ("SELFAUDIT_ALERT_WEBHOOK", "hooks.example/x", "begins with https://"),
        ("SELFAUDIT_ALERT_WEBHOOK", "https://169.254.169.254/latest", "leads to 169.254.169.254, which"),
        ("SELFAUDIT_SMTP_HOST", "mail.corp.example", "SELFAUDIT_ALERT_FROM and SELFAUDIT_ALERT_TO"),
        ("SELFAUDIT_SMTP_SECURITY", "ssl3", "starttls, tls or none"),
        ("SELFAUDIT_SMTP_PORT", "mail", "whole number"),
        ("SELFAUDIT_UNATTENDED", "perhaps", "yes or no"),
    ):
        code, said = command(tmp_path, "alerts", "--test", **{name: value})
        assert code == 2 and expected in said and "Traceback" not in said, said


def test_a_run_that_fails_is_said_and_its_cause_only_where_names_are_allowed(
    tmp_path: Path, listener: tuple[Listener, str]
):
    far, address = listener
    code, said = command(tmp_path, "run", "--alerts", SELFAUDIT_ALERT_WEBHOOK=address)
    assert code == 1 and "There is no landing zone" in said and "1 alert sent to webhook" in said
    text = json.dumps(far.got[-1])
    assert "a run failed" in text and "no landing zone" not in text
    code, _ = command(
        tmp_path, "run", "2026-10", "--alerts", SELFAUDIT_ALERT_WEBHOOK=address, SELFAUDIT_ALERT_NAMES="yes"
    )
    assert code == 1 and "There is no landing zone" in json.dumps(far.got[-1])
