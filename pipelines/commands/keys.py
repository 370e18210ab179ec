"""`selfaudit keys new|show`: creates a key pair for signatures, or shows the public key with its fingerprint."""

from __future__ import annotations

import argparse
import json
import sys
from getpass import getpass
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.publish.seals.keys import SigningKeyError, as_pem, fingerprint, new_key, read_public, signer_of
from pipelines.settings import Settings, load_seal_settings


def keys(settings: Settings, arguments: argparse.Namespace) -> int:
    """Create a key pair, or show the public key. Raises UserError."""
    try:
        if arguments.action == "new":
            return _new(settings, arguments)
        return _show(settings, arguments)
    except SigningKeyError as error:
        raise UserError(str(error)) from error


def _new(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.file is None:
        raise UserError("Name a file for the private key, outside the data folder: selfaudit keys new FILE")
    passphrase = "" if arguments.no_passphrase else load_seal_settings().passphrase or _asked()
    public = new_key(arguments.file, passphrase, settings.data)
    said = {
        "private_key": str(arguments.file.expanduser().resolve()),
        "public_key": str(public),
        "fingerprint": fingerprint(read_public(public)),
    }
    if arguments.json:
        print(json.dumps(said, indent=2))
        return DONE
    print(f"Private key: {said['private_key']} (keep it secret and back it up; it is not in the data folder)")
    print(f"Public key:  {public} (give it to those who check signatures)")
    print(f"Fingerprint: {said['fingerprint']} (SHA-256; write it down where nobody who runs selfaudit can change it)")
    print(f"Runs sign with it where SELFAUDIT_SIGNING_KEY={said['private_key']} is set.")
    return DONE


def _asked() -> str:
    if not sys.stdin.isatty():
        raise UserError(
            "A private key needs a passphrase: set SELFAUDIT_SIGNING_PASSPHRASE or SELFAUDIT_SIGNING_PASSPHRASE_FILE, "
            "or say --no-passphrase where the file itself is kept safe."
        )
    first, second = getpass("Passphrase: "), getpass("Once more: ")
    if not first or first != second:
        raise UserError("The two passphrases differ or are empty; no key was made. Try again.")
    return first


def _show(settings: Settings, arguments: argparse.Namespace) -> int:
    how = load_seal_settings()
    if arguments.file is not None:
        public = read_public(arguments.file)
    elif (signer := signer_of(how, settings.data) if how.signs else None) is not None:
        public = signer.public
    else:
        raise UserError(
            "No key is configured: name the file of a public key, or set SELFAUDIT_SIGNING_KEY (`selfaudit keys new` "
            "makes one)."
        )
    pem = as_pem(public).decode()
    if arguments.json:
        print(json.dumps({"public_key": pem, "fingerprint": fingerprint(public)}, indent=2))
    else:
        print(f"{pem}SHA-256 of the key in DER form: {fingerprint(public)}")
    return DONE


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "keys",
        "Make the key that publications are signed with, or show its public half.",
        "selfaudit keys new /etc/selfaudit/signing.key",
        keys,
    )
    parser.add_argument("action", choices=("new", "show"), metavar="new|show")
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="new: where the private key goes; show: a public key"
    )
    parser.add_argument(
        "--no-passphrase",
        action="store_true",
        help="the file is readable by its owner only, and nothing else protects it",
    )
    add_json(parser)
