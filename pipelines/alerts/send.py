"""The two channels: a webhook in Slack's form and mail by SMTP. Bounded in time and attempts; every failure is a
SendError in words without secrets.
"""

from __future__ import annotations

import hashlib
import json
import smtplib
import ssl
import urllib.error
import urllib.parse
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException

from pipelines.alerts.alert import Alert, as_slack, as_text, subject
from pipelines.resources.http import post
from pipelines.settings import AlertSettings

# Seconds before the second and the third attempt.
PAUSES = (1.0, 3.0)
Pause = Callable[[float], None]


class SendError(RuntimeError):
    """An alert that did not get through. passing: whether another attempt may help."""

    def __init__(self, message: str, passing: bool = True) -> None:
        super().__init__(message)
        self.passing = passing


def send_webhook(to: AlertSettings, alerts: Sequence[Alert], moment: datetime, pause: Pause) -> list[str]:
    """Post the alerts to the webhook. Returns remarks. Raises SendError."""
    body = json.dumps(as_slack(alerts, to.names)).encode()
    where = _host_of(to.webhook)

    def attempt() -> list[str]:
        """One attempt at the channel; raises what the sender below knows how to say."""
        try:
            post(to.webhook, body, "application/json", to.timeout_seconds, 1000)
        except urllib.error.HTTPError as error:
            passing = error.code == 429 or error.code >= 500
            raise SendError(
                f"the webhook at {where} answered {error.code}; look at SELFAUDIT_ALERT_WEBHOOK and at the service "
                "behind it",
                passing,
            ) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise SendError(f"the webhook at {where} could not be reached: {_plain(reason)}") from None
        return []

    return _tried(attempt, pause)


def _host_of(address: str) -> str:
    """Scheme and host of an address: its path is the secret."""
    parts = urllib.parse.urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}"


def _plain(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "it did not answer in time"
    text = getattr(reason, "strerror", None) or str(reason)
    if "timed out" in text:
        return "it did not answer in time"
    return text or type(reason).__name__


def send_mail(to: AlertSettings, alerts: Sequence[Alert], moment: datetime, pause: Pause) -> list[str]:
    """Send the alerts as one mail. Returns remarks (receivers that the server refused while it took the others). Raises
    SendError.
    """
    message = as_mail(to, alerts, moment)
    where = f"{to.smtp_host}:{to.smtp_port}"

    def attempt() -> list[str]:
        """One attempt at the channel; raises what the sender below knows how to say."""
        try:
            with _connected(to) as server:
                refused = server.send_message(message)
        except smtplib.SMTPNotSupportedError:
            raise SendError(
                f"the mail server {where} does not offer what SELFAUDIT_SMTP_SECURITY={to.smtp_security} or the login "
                "needs",
                False,
            ) from None
        except smtplib.SMTPAuthenticationError:
            raise SendError(
                f"the mail server {where} refused SELFAUDIT_SMTP_USER and SELFAUDIT_SMTP_PASSWORD", False
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise SendError(
                f"the mail server {where} refused all {len(codes)} receivers of SELFAUDIT_ALERT_TO ({codes[0]})",
                any(c < 500 for c in codes),
            ) from None
        except smtplib.SMTPResponseException as error:
            said = (
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            raise SendError(
                f"the mail server {where} refused the mail: {error.smtp_code} {said}", error.smtp_code < 500
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise SendError(
                f"the certificate of the mail server {where} is not trusted: {error.verify_message}", False
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(f"the mail server {where} could not be reached: {_plain(error)}") from None
        return (
            [f"the mail server refused {len(refused)} of {len(to.receivers)} receivers; the others received it"]
            if refused
            else []
        )

    return _tried(attempt, pause)


def _connected(to: AlertSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if to.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(to.smtp_host, to.smtp_port, timeout=to.timeout_seconds, context=context)
    else:
        server = smtplib.SMTP(to.smtp_host, to.smtp_port, timeout=to.timeout_seconds)
    try:
        if to.smtp_security == "starttls":
            server.starttls(context=context)
        if to.smtp_user:
            server.login(to.smtp_user, to.smtp_password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def as_mail(to: AlertSettings, alerts: Sequence[Alert], moment: datetime) -> EmailMessage:
    """The mail; its id stands on what it says and the day, so that a mail sent twice after a lost answer is seen as
    one.
    """
    message = EmailMessage()
    message["Subject"] = subject(alerts)
    message["From"] = to.sender
    message["To"] = ", ".join(to.receivers)
    message["Date"] = format_datetime(moment)
    keys = "\n".join(i.key for a in alerts for i in a.items)
    message["Message-ID"] = f"<{hashlib.sha256(f'{moment:%Y-%m-%d} {keys}'.encode()).hexdigest()[:32]}@selfaudit.local>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(alerts, to.names))
    return message


def _tried(attempt: Callable[[], list[str]], pause: Pause) -> list[str]:
    """The attempt, again where another one may help. Raises the last SendError."""
    for seconds in PAUSES:
        try:
            return attempt()
        except SendError as error:
            if not error.passing:
                raise
        pause(seconds)
    return attempt()
