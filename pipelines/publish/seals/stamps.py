"""Time stamps of RFC 3161: requested from the configured authority, and verified against what they stamp.

`rfc3161-client` builds and verifies the objects; the request is one POST without redirects, to a host on the allow
list. A stamp is the authority's whole response, as `openssl ts -verify -in` accepts it.
"""

from __future__ import annotations

import hashlib
import urllib.error
from collections.abc import Sequence
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from pipelines.publish.seals.keys import SigningKeyError
from pipelines.resources.http import post

MOST_BYTES = 1_000_000


class StampError(RuntimeError):
    """A stamp could not be obtained; the message says why. The next run requests it again."""


def ask(address: str, content: bytes, roots: Sequence[x509.Certificate], seconds: float) -> bytes:
    """Request a stamp of these bytes. roots: certificates to which the authority's must lead; if empty, that is not
    checked here. Raises StampError.
    """
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    host = urlsplit(address).hostname
    try:
        text = post(address, request.as_bytes(), "application/timestamp-query", seconds, MOST_BYTES)
    except urllib.error.HTTPError as error:
        raise StampError(f"the time-stamp authority {host} responded with status {error.code}") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise StampError(f"the time-stamp authority {host} could not be reached: {reason}") from None
    if wrong := fault(text, content, roots, request.nonce):
        raise StampError(f"the response of the time-stamp authority {host} is not a valid time stamp: {wrong}")
    return text


def fault(stamp: bytes, content: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None) -> str:
    """Why a stamp is not a valid stamp of these bytes; '' if it is. Without roots its signature is not verified."""
    try:
        answer = decode_timestamp_response(stamp)
        if PKIStatus(answer.status) not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            return f"the request was refused: {', '.join(answer.status_string) or answer.status}"
        if answer.tst_info.message_imprint.message != hashlib.sha256(content).digest():
            return "it is for other data"
        if nonce is not None and answer.tst_info.nonce != nonce:
            return "it belongs to another request"
        if roots:
            builder = VerifierBuilder()
            for root in roots:
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(answer, content)
    except (ValueError, VerificationError, TypeError) as error:
        return str(error) or type(error).__name__
    return ""


def moment_of(stamp: bytes) -> datetime:
    """The time stated by the authority. Only for a valid stamp."""
    return decode_timestamp_response(stamp).tst_info.gen_time


def read_roots(path: Path | None) -> list[x509.Certificate]:
    """The certificates of a PEM file; empty without a file. Raises SigningKeyError."""
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SigningKeyError(f"{path} contains no certificates in PEM format: {error}") from error
