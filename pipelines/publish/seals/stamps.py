"""Time stamps of RFC 3161: asked for at the authority that is configured, and held against what they are of.

The objects are made and judged by `rfc3161-client`; the way there is one POST without redirects, to a host that is
listed. A stamp is the whole answer of the authority, as `openssl ts -verify -in` takes it.
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
    """A stamp that was not to be had; the message says why. It is asked for again at the next run."""


def ask(address: str, content: bytes, roots: Sequence[x509.Certificate], seconds: float) -> bytes:
    """The stamp of these bytes. roots: certificates that the authority's must lead to; none: that is not looked at
    here. Raises StampError.
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
    """Why a stamp is not one of these bytes; '' where it is. Without roots its signature is not looked at."""
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
    """When the authority says that it stamped. Only for a stamp without a fault."""
    return decode_timestamp_response(stamp).tst_info.gen_time


def read_roots(path: Path | None) -> list[x509.Certificate]:
    """The certificates of a PEM file; none without one. Raises SigningKeyError."""
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SigningKeyError(f"{path} contains no certificates in PEM format: {error}") from error
