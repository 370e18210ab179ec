"""The signing key of publications: creating, reading and using it, and verifying signatures. Ed25519, by the library
`cryptography` or by a program of the company's that keeps the private key to itself.

Knows nothing of statements or data folders. Signatures are the 64 bytes of RFC 8032, as `openssl pkeyutl` accepts them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from pipelines.errors import UserError
from pipelines.settings import SealSettings

# Time limit in seconds for one signature by the company's program.
SIGNER_SECONDS = 60
# Permissions of others than the owner on a private key file, which must be absent.
OTHERS = 0o077


class SigningKeyError(UserError):
    """A key cannot be read or used; the message says which, why, and what to do."""


class Signer(Protocol):
    """Something that signs: a key or a program."""

    @property
    def public(self) -> Ed25519PublicKey:
        """The public key."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature. Raises SigningKeyError."""


@dataclass(frozen=True)
class _Key:
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self.private.sign(message)


@dataclass(frozen=True)
class _Program:
    """A program that reads the message from its standard input and writes the signature to its standard output."""

    words: tuple[str, ...]
    public: Ed25519PublicKey

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature. Raises SigningKeyError if the program did not run, took more than
        SIGNER_SECONDS, failed, or wrote anything but a signature by its key.
        """
        try:
            done = subprocess.run(self.words, input=message, capture_output=True, timeout=SIGNER_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SigningKeyError(f"SELFAUDIT_SIGNER: {self.words[0]} produced no signature: {error}") from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()[:300]
            raise SigningKeyError(f"SELFAUDIT_SIGNER: {self.words[0]} exited with code {done.returncode}: {said}")
        if not is_signed(self.public, message, done.stdout):
            raise SigningKeyError(
                f"SELFAUDIT_SIGNER: the output of {self.words[0]} is not a signature by the key of "
                "SELFAUDIT_SIGNER_PUBLIC_KEY; expected the 64 bytes of an Ed25519 signature."
            )
        return done.stdout


def signer_of(settings: SealSettings, data: Path) -> Signer | None:
    """The signer configured by the environment; None if there is none. Raises SigningKeyError.

    data: the data folder, which must not contain a private key.
    """
    if settings.command:
        return _Program(settings.command, read_public(Path(settings.command_key)))
    if settings.key_text:
        return _Key(_private(settings.key_text.encode(), settings.passphrase, "SELFAUDIT_SIGNING_KEY_PEM"))
    if settings.key_file:
        return _Key(read_private(Path(settings.key_file), settings.passphrase, data))
    return None


def read_private(path: Path, passphrase: str, data: Path) -> Ed25519PrivateKey:
    """The private key of a file. Raises SigningKeyError if it is missing, in the data folder, readable by others, not a
    key, or encrypted with another passphrase.
    """
    path = path.expanduser().resolve()
    _refuse_in_data_folder(path, data)
    try:
        if path.stat().st_mode & OTHERS:
            raise SigningKeyError(f"{path} can be read by users other than its owner; run: chmod 600 {path}")
        content = path.read_bytes()
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}. `selfaudit keys new` makes a key.") from error
    return _private(content, passphrase, str(path))


def _refuse_in_data_folder(path: Path, data: Path) -> None:
    if path.resolve().is_relative_to(data.resolve()):
        raise SigningKeyError(
            f"{path} is in the data folder. Anybody who may write there could sign what they changed: keep the key "
            "where only the account that runs selfaudit can read it."
        )


def _private(content: bytes, passphrase: str, where: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(content, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError) as error:
        raise SigningKeyError(
            f"{where} contains no private key that can be decrypted with SELFAUDIT_SIGNING_PASSPHRASE: {error}"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(
            f"{where} contains a key of another type; expected Ed25519 (`selfaudit keys new` makes one)."
        )
    return key


def read_public(path: Path) -> Ed25519PublicKey:
    """The public key of a PEM file. Raises SigningKeyError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SigningKeyError(f"{path} contains no public key in PEM format: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError(f"{path} contains a key of another type; expected Ed25519.")
    return key


def new_key(path: Path, passphrase: str, data: Path) -> Path:
    """Create a key pair: the private key in `path`, accessible to its owner only, and the public key next to it, whose
    path is returned. Raises SigningKeyError; an existing file is never replaced.
    """
    path = path.expanduser().resolve()
    _refuse_in_data_folder(path, data)
    public_path = path.with_name(f"{path.name}.public.pem")
    key = Ed25519PrivateKey.generate()
    hidden: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
        with public_path.open("xb") as handle:
            handle.write(as_pem(key.public_key()))
    except FileExistsError as error:
        raise SigningKeyError(f"{error.filename} already exists and was not replaced; choose another name.") from error
    except OSError as error:
        raise SigningKeyError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return public_path


def as_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of a public key in DER form, as printed by `openssl pkey -pubin -outform DER | sha256sum`."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def is_signed(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the signature is a signature of these bytes by this key."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
