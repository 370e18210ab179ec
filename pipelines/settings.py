"""Where things are, and what the environment says: one typed object, absolute paths.

The only Python file that reads environment variables. Holds no logic of the pipeline and opens nothing.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.resources import machine, modes

# What the package works with (dbt project, expectations, documents) stands inside an installed package, and beside it
# in a checkout.
_PACKAGE = Path(str(files("pipelines"))).resolve()
ROOT = _PACKAGE / "project" if (_PACKAGE / "project").is_dir() else _PACKAGE.parent
DBT_PROJECT = ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"
EXPECTATIONS = ROOT / "expectations"
# The folder of a data folder with what its company expects besides.
COMPANY_EXPECTATIONS = "expectations"


class SettingsError(ValueError):
    """An environment variable that does not fit; the message names it and what was expected."""


# Which months get workbooks.
ALL, LATEST = "all", "latest"
# Whether a rule that could not be assessed is a failure for whoever looks at the exit code; and the form of the log.
FAIL, PASS = "fail", "pass"
TEXT, JSON_LINES = "text", "json"
# What makes the models.
DUCKDB, SPARK = "duckdb", "spark"
# Units of a memory limit as DuckDB reads them.
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_MEMORY = re.compile(r"([0-9]+(?:[.][0-9]+)?) *([KMGT]i?B)", re.IGNORECASE)
# Below it DuckDB cannot even hold the blocks that it works on with two threads.
LEAST_MEMORY = 50 * machine.MB


@cache
def _default_memory() -> tuple[str, str]:
    """The default memory limit of this machine, and where it comes from."""
    found = machine.memory()
    return (
        f"{machine.memory_limit(found) // machine.MB}MB",
        f"the share of the {found.size / 10**9:.1f} GB of {found.owner} (docs/deploying.md, Memory)",
    )


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts go, and what may be in them. Secrets come from the environment and from nowhere else; `repr` does
    not show them.

    webhook: address that takes Slack's form ('' = none). smtp_host: mail server ('' = none); security: starttls, tls or
    none. names: whether contracts, teams, products and messages of errors may be in an alert; without, an alert has
    counts, dates, months and names of reviews only.
    """

    webhook: str = field(default="", repr=False)
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    sender: str = ""
    receivers: tuple[str, ...] = ()
    names: bool = False
    timeout_seconds: float = 10.0


@dataclass(frozen=True)
class SealSettings:
    """Who signs what is published, and who stamps the time. Secrets come from the environment or a file, and `repr`
    does not show them.

    key_file: private key in PEM form; key_text: the same as a text; command: a program that signs, and command_key: the
    file of its public key. At most one of the three. memory: the file that remembers the last signature, outside the
    data folder. stamp_url: time-stamp authority ('' = none), a host that SELFAUDIT_TSA_HOSTS lists. stamp_roots: PEM
    file of the certificates that it must lead to ('' = not looked at).
    """

    key_file: str = ""
    key_text: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    command: tuple[str, ...] = ()
    command_key: str = ""
    memory: str = ""
    stamp_url: str = ""
    stamp_roots: str = ""
    timeout_seconds: float = 10.0

    @property
    def signs(self) -> bool:
        """Whether anybody signs."""
        return bool(self.key_file or self.key_text or self.command)


@dataclass(frozen=True)
class Settings:
    """One data folder and the limits of a run. Two data folders share nothing; a run writes nowhere else.

    data: absolute path of the data folder (landing/, published/, warehouse/, state/ inside it). memory_limit: DuckDB's
    memory limit, in DuckDB's words (`1500MB`); larger work spills to `scratch`. Results do not depend on it.
    memory_source: where the limit comes from, in words. threads: DuckDB threads; results do not depend on it. restated:
    months that a record kept elsewhere calls restated; set by a replay, which has no record of its own. unattended:
    sensor and schedules of Dagster are on from the start; else somebody switches them on in the UI. workbooks: `all`,
    or `latest`: a run makes new workbooks of the latest month only, and keeps those of other months up to date that are
    there. look_seconds: pause between two looks of the sensor at the landing zone. tenant: what stands before every
    name in a Dagster that serves several data folders ('' = it serves this one). not_assessable: `fail`, or `pass`: a
    run that could not assess some rule ends as one that is done. log: `text` or `json`: the form of progress.
    pseudonym_file: the key of the pseudonyms ('' = in the state folder). landing_store, published_store: addresses on
    an object store that drops come from and publications go to ('' = none). engine: what makes the models, `duckdb` or
    `spark`. spark_python: the Python of the environment that `make spark` makes, where it is elsewhere. spark_lake:
    the folder in which Spark finds what it reads, under the same path on every machine of its ('' = in the state
    folder).
    """

    data: Path
    memory_limit: str = field(default_factory=lambda: _default_memory()[0])
    memory_source: str = field(default_factory=lambda: _default_memory()[1])
    threads: int = 2
    restated: tuple[str, ...] = ()
    unattended: bool = False
    look_seconds: int = 60
    tenant: str = ""
    workbooks: str = ALL
    not_assessable: str = FAIL
    log: str = TEXT
    pseudonym_file: str = ""
    landing_store: str = ""
    published_store: str = ""
    engine: str = DUCKDB
    spark_python: str = ""
    spark_lake: str = ""

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return parse_memory(self.memory_limit)

    @property
    def landing(self) -> Path:
        """Drops, the reference folder, the mailbox. No run changes a delivered file; decisions are added to two
        tables, and filled workbooks are moved when they are answered.
        """
        return self.data / "landing"

    @property
    def expectations(self) -> Path:
        """Suites that the company adds to the shipped ones; need not be there."""
        return self.data / COMPANY_EXPECTATIONS

    @property
    def published(self) -> Path:
        """What readers open."""
        return self.data / "published"

    @property
    def named(self) -> Path:
        """What names persons where privacy mode is on; for its owner alone."""
        return self.data / "named"

    @property
    def pseudonym_key(self) -> Path:
        """The key of the pseudonyms; the file of SELFAUDIT_PSEUDONYM_KEY where it is set."""
        return Path(self.pseudonym_file) if self.pseudonym_file else self.state / "pseudonyms.key"

    @property
    def published_database(self) -> Path:
        """The DuckDB file for readers; replaced as a whole."""
        return self.published / "selfaudit.duckdb"

    @property
    def warehouse(self) -> Path:
        """The working database; one writer, no readers."""
        return self.data / "warehouse" / "selfaudit.duckdb"

    @property
    def state(self) -> Path:
        """State of the software itself: dbt's target, Dagster's storage, locks."""
        return self.data / "state"

    @property
    def scratch(self) -> Path:
        """Temporary files of whoever writes, empty when it begins. They hold what was delivered, so they lie where that
        lies, and a run that is killed leaves them there.
        """
        return self.beside("scratch")

    def beside(self, name: str) -> Path:
        """A folder beside the warehouse, for work on delivered rows that is thrown away: a replay, a what-if."""
        return self.warehouse.parent / name

    @property
    def lake(self) -> Path:
        """What Spark reads in a run, emptied by the run; SELFAUDIT_SPARK_LAKE where it is set."""
        return Path(self.spark_lake) if self.spark_lake else self.state / "lake"

    @property
    def spark_interpreter(self) -> Path:
        """The Python that has PySpark and dbt-spark; SELFAUDIT_SPARK_PYTHON where it is set."""
        return Path(self.spark_python) if self.spark_python else ROOT / ".venv-spark" / "bin" / "python"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts (manifest, partial parse), inside the data folder."""
        return self.data / "state" / "dbt"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder (runs, events), inside the data folder."""
        return self.data / "state" / "dagster"

    def environment_of_a_replay(self, restated: Sequence[str]) -> dict[str, str]:
        """The environment of a process that makes months again beside the record: it is told which months that record
        calls restated, and the key of the pseudonyms; it signs nothing and knows no object store.
        """
        signs = tuple(f"SELFAUDIT_{what}" for what in ("SIGN", "SEAL", "TSA", "LANDING", "PUBLISHED"))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(signs)}
        if self.pseudonym_key.is_file():
            kept["SELFAUDIT_PSEUDONYM_KEY"] = str(self.pseudonym_key)
        return {**kept, "SELFAUDIT_RESTATED": " ".join(restated)}

    def apply_to_environment(self) -> None:
        """Set what dbt's profile and Dagster read from the environment, and whom new files are for. Telemetry of
        libraries is off.
        """
        modes.new_files_for_the_group()
        # A Dagster of several tenants has a folder of its own.
        home = os.environ.get("DAGSTER_HOME") if self.tenant else None
        os.environ.update(
            {
                "SELFAUDIT_DATA": str(self.data),
                "SELFAUDIT_WAREHOUSE": str(self.warehouse),
                "SELFAUDIT_MEMORY_LIMIT": self.memory_limit,
                "SELFAUDIT_THREADS": str(self.threads),
                "SELFAUDIT_SCRATCH": str(self.scratch),
                "DAGSTER_HOME": home or str(self.dagster_home),
                "DO_NOT_TRACK": "1",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "DAGSTER_DISABLE_TELEMETRY": "1",
                # A look at a large landing zone reads all of it; Dagster's own limit is a minute.
                "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "900",
                "DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS": "900",
            }
        )


def has_dagster_home() -> bool:
    """Whether the environment names a folder for Dagster."""
    return bool(os.environ.get("DAGSTER_HOME"))


def hand_over_events_together() -> None:
    """Let Dagster hand its events over in batches, in this process and those that it starts."""
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "500")


def parse_memory(text: str) -> int:
    """Bytes of a memory limit such as `1500MB` or `2 GiB`. Raises ValueError if it is none."""
    match = _MEMORY.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _memory(name: str) -> dict[str, str]:
    """The memory limit of the environment with its source; nothing where the environment has none."""
    text = os.environ.get(name, "").strip()
    if not text:
        return {}
    try:
        size = parse_memory(text)
    except ValueError:
        size = 0
    if size < LEAST_MEMORY:
        raise SettingsError(
            f"{name} is '{text}'; expected a size of at least {LEAST_MEMORY // machine.MB}MB with its unit (MB, GB, "
            "MiB, GiB), for example 1500MB."
        )
    return {"memory_limit": text.replace(" ", ""), "memory_source": name}


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    try:
        number = int(text or default)
    except ValueError:
        number = 0
    if number < 1:
        raise SettingsError(f"{name} is '{text}'; expected a whole number of at least 1, for example {default}.")
    return number


def _one_of(name: str, allowed: Sequence[str]) -> str:
    """The value of a variable, the first one allowed where it is not set."""
    text = os.environ.get(name, "").strip().casefold() or allowed[0]
    if text not in allowed:
        raise SettingsError(f"{name} is '{text}'; expected {' or '.join(allowed)}.")
    return text


def _tenant(name: str) -> str:
    text = os.environ.get(name, "").strip()
    if not re.fullmatch(r"(?:[A-Za-z][A-Za-z0-9_]{0,49})?", text, re.ASCII):
        raise SettingsError(
            f"{name} is '{text}'; expected letters, digits and underscores, a letter first, at most 50, for example "
            "acme_de."
        )
    return text


def _yes(name: str) -> bool:
    text = os.environ.get(name, "").strip().casefold()
    if text in {"yes", "true", "1", "on"}:
        return True
    if text in {"", "no", "false", "0", "off"}:
        return False
    raise SettingsError(f"{name} is '{text}'; expected yes or no.")


def load_alert_settings() -> AlertSettings:
    """Where alerts go, from the environment. Raises SettingsError for what cannot be, before anything is sent."""

    def text(name: str, default: str = "") -> str:
        return os.environ.get(name, "").strip() or default

    webhook, host = text("SELFAUDIT_ALERT_WEBHOOK"), text("SELFAUDIT_SMTP_HOST")
    security = text("SELFAUDIT_SMTP_SECURITY", "starttls").casefold()
    receivers = tuple(part.strip() for part in text("SELFAUDIT_ALERT_TO").split(",") if part.strip())
    sender = text("SELFAUDIT_ALERT_FROM")
    if webhook and not webhook.startswith(("https://", "http://")):
        raise SettingsError("SELFAUDIT_ALERT_WEBHOOK is not a URL; expected one that begins with https://.")
    if security not in {"starttls", "tls", "none"}:
        raise SettingsError(f"SELFAUDIT_SMTP_SECURITY is '{security}'; expected starttls, tls or none.")
    if host and not (sender and receivers):
        raise SettingsError(
            "SELFAUDIT_SMTP_HOST is set, but no sender and receivers: set SELFAUDIT_ALERT_FROM and SELFAUDIT_ALERT_TO "
            "(addresses, separated by commas)."
        )
    listed = {part.strip().casefold() for part in text("SELFAUDIT_ALERT_HOSTS").split(",") if part.strip()}
    for name, found in (("SELFAUDIT_ALERT_WEBHOOK", urlsplit(webhook).hostname or ""), ("SELFAUDIT_SMTP_HOST", host)):
        if found and found.casefold() not in listed:
            raise SettingsError(
                f"{name} leads to {found}, which SELFAUDIT_ALERT_HOSTS does not list. Add it there (names of hosts, "
                "separated by commas): nothing is sent to any other host."
            )
    port = {"starttls": 587, "tls": 465, "none": 25}[security]
    return AlertSettings(
        webhook=webhook,
        smtp_host=host,
        smtp_port=_number("SELFAUDIT_SMTP_PORT", port),
        smtp_security=security,
        smtp_user=text("SELFAUDIT_SMTP_USER"),
        smtp_password=os.environ.get("SELFAUDIT_SMTP_PASSWORD", ""),
        sender=sender,
        receivers=receivers,
        names=_yes("SELFAUDIT_ALERT_NAMES"),
        timeout_seconds=float(_number("SELFAUDIT_ALERT_TIMEOUT", 10)),
    )


def load_seal_settings() -> SealSettings:
    """Who signs and who stamps, from the environment. Raises SettingsError for what cannot be, before anything is
    written.
    """

    def text(name: str) -> str:
        return os.environ.get(name, "").strip()

    key, pem, command = (text(f"SELFAUDIT_{n}") for n in ("SIGNING_KEY", "SIGNING_KEY_PEM", "SIGNER"))
    if sum(map(bool, (key, pem, command))) > 1:
        raise SettingsError("Set only one of SELFAUDIT_SIGNING_KEY, SELFAUDIT_SIGNING_KEY_PEM and SELFAUDIT_SIGNER.")
    if command and not text("SELFAUDIT_SIGNER_PUBLIC_KEY"):
        raise SettingsError(
            "SELFAUDIT_SIGNER is set, but not what its signatures are checked with: set SELFAUDIT_SIGNER_PUBLIC_KEY to "
            "the PEM file of its public key."
        )
    memory = text("SELFAUDIT_SEAL_MEMORY") or (f"{key}.memory" if key else "")
    if (pem or command) and not memory:
        raise SettingsError(
            "SELFAUDIT_SEAL_MEMORY is not set; expected a file outside the data folder, which remembers the last "
            "signature (with a key file it lies beside the key)."
        )
    passphrase, passphrase_file = (
        os.environ.get("SELFAUDIT_SIGNING_PASSPHRASE", ""),
        text("SELFAUDIT_SIGNING_PASSPHRASE_FILE"),
    )
    if passphrase_file and not passphrase:
        try:
            passphrase = Path(passphrase_file).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"SELFAUDIT_SIGNING_PASSPHRASE_FILE: {passphrase_file} cannot be read: {error}"
            ) from None
    url = text("SELFAUDIT_TSA_URL")
    listed = {part.strip().casefold() for part in text("SELFAUDIT_TSA_HOSTS").split(",") if part.strip()}
    if url and not url.startswith(("https://", "http://")):
        raise SettingsError("SELFAUDIT_TSA_URL is not a URL; expected one that begins with https:// or http://.")
    if url and (host := urlsplit(url).hostname or "").casefold() not in listed:
        raise SettingsError(
            f"SELFAUDIT_TSA_URL leads to {host}, which SELFAUDIT_TSA_HOSTS does not list. Add it there (names of "
            "hosts, separated by commas): nothing is sent to any other host."
        )
    return SealSettings(
        key_file=key,
        key_text=pem,
        passphrase=passphrase,
        command=tuple(shlex.split(command)),
        command_key=text("SELFAUDIT_SIGNER_PUBLIC_KEY"),
        memory=memory,
        stamp_url=url,
        stamp_roots=text("SELFAUDIT_TSA_ROOTS"),
        timeout_seconds=float(_number("SELFAUDIT_TSA_TIMEOUT", 10)),
    )


def load_settings(data: Path | None = None) -> Settings:
    """Settings of a data folder: the argument, else SELFAUDIT_DATA, else ./data. Other names have documented defaults.

    Raises SettingsError for a value that does not fit.
    """
    folder = data or Path(os.environ.get("SELFAUDIT_DATA") or "data")
    defaults = Settings(data=folder.expanduser().resolve())
    return Settings(
        data=defaults.data,
        **_memory("SELFAUDIT_MEMORY_LIMIT"),
        restated=tuple((os.environ.get("SELFAUDIT_RESTATED") or "").split()),
        threads=_number("SELFAUDIT_THREADS", defaults.threads),
        unattended=_yes("SELFAUDIT_UNATTENDED"),
        look_seconds=_number("SELFAUDIT_LOOK_SECONDS", defaults.look_seconds),
        tenant=_tenant("SELFAUDIT_TENANT"),
        workbooks=_one_of("SELFAUDIT_WORKBOOKS", (ALL, LATEST)),
        not_assessable=_one_of("SELFAUDIT_NOT_ASSESSABLE", (FAIL, PASS)),
        log=_one_of("SELFAUDIT_LOG", (TEXT, JSON_LINES)),
        pseudonym_file=(os.environ.get("SELFAUDIT_PSEUDONYM_KEY") or "").strip(),
        landing_store=_store("SELFAUDIT_LANDING"),
        published_store=_store("SELFAUDIT_PUBLISHED"),
        engine=_one_of("SELFAUDIT_ENGINE", (DUCKDB, SPARK)),
        spark_python=_path("SELFAUDIT_SPARK_PYTHON"),
        spark_lake=_path("SELFAUDIT_SPARK_LAKE"),
    )


def _path(name: str) -> str:
    """An absolute path; '' if there is none."""
    text = (os.environ.get(name) or "").strip()
    # Not resolved: the Python of an environment is a link to another one.
    return str(Path(text).expanduser().absolute()) if text else ""


def _store(name: str) -> str:
    """An address on an object store; '' if there is none."""
    text = (os.environ.get(name) or "").strip().rstrip("/")
    # Neither a secret in the address nor what an address of the web has.
    if text and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*", text):
        raise SettingsError(f"{name} is not an address of an object store; expected s3://BUCKET or s3://BUCKET/FOLDER.")
    return text


def spark_remote() -> str:
    """The address of a Spark Connect server, as PySpark reads it; '' for none."""
    return os.environ.get("SPARK_REMOTE", "").strip()


def environment_of_spark(remote: str = "", **named: str) -> dict[str, str]:
    """The environment of a process, with the address of a Spark Connect server or without one, and what is named. A
    process of Spark itself must not have the address: a worker that has it fails every task.
    """
    kept = {k: v for k, v in os.environ.items() if k not in {"SPARK_REMOTE", "SPARK_LOCAL_REMOTE"}}
    return kept | named | ({"SPARK_REMOTE": remote} if remote else {})
