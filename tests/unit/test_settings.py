"""What the environment says: each variable with its default, the values that are taken, and those that are refused in
words. Opens nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.settings import (
    ROOT,
    AlertSettings,
    SealSettings,
    SettingsError,
    environment_of_spark,
    load_alert_settings,
    load_seal_settings,
    load_settings,
)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith(("SELFAUDIT_", "SPARK_", "DAGSTER_HOME"))]:
        monkeypatch.delenv(name)


def test_without_an_environment_a_run_does_the_least(tmp_path: Path):
    settings = load_settings(tmp_path)
    assert (settings.threads, settings.look_seconds, settings.unattended, settings.tenant) == (2, 60, False, "")
    assert (settings.workbooks, settings.not_assessable, settings.log, settings.engine) == (
        "all", "fail", "text", "duckdb",
    )  # fmt: skip
    assert (settings.landing_store, settings.published_store, settings.restated) == ("", "", ())
    assert load_alert_settings() == AlertSettings()
    assert load_seal_settings() == SealSettings() and not load_seal_settings().signs


def test_the_argument_names_the_data_folder_then_the_environment_then_the_folder_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert load_settings().data == tmp_path / "data"
    monkeypatch.setenv("SELFAUDIT_DATA", "elsewhere")
    assert load_settings().data == tmp_path / "elsewhere"
    assert load_settings(Path("here")).data == tmp_path / "here"


def test_everything_lies_inside_the_data_folder_unless_the_environment_names_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = load_settings(tmp_path)
    places = (
        settings.landing, settings.published, settings.named, settings.warehouse, settings.state, settings.scratch,
        settings.expectations, settings.published_database, settings.dbt_target, settings.dagster_home, settings.lake,
        settings.pseudonym_key,
    )  # fmt: skip
    assert all(place.is_relative_to(tmp_path) for place in places) and len(set(places)) == len(places)
    assert settings.spark_interpreter == ROOT / ".venv-spark" / "bin" / "python"
    for name in ("PSEUDONYM_KEY", "SPARK_LAKE", "SPARK_PYTHON"):
        monkeypatch.setenv(f"SELFAUDIT_{name}", f"/elsewhere/{name}")
    settings = load_settings(tmp_path)
    assert [str(p) for p in (settings.pseudonym_key, settings.lake, settings.spark_interpreter)] == [
        "/elsewhere/PSEUDONYM_KEY", "/elsewhere/SPARK_LAKE", "/elsewhere/SPARK_PYTHON",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "text", "value"),
    [
        ("THREADS", "threads", " 1 ", 1),
        ("LOOK_SECONDS", "look_seconds", "300", 300),
        ("UNATTENDED", "unattended", "Yes", True),
        ("UNATTENDED", "unattended", "on", True),
        ("UNATTENDED", "unattended", "0", False),
        ("UNATTENDED", "unattended", "no", False),
        ("TENANT", "tenant", "acme_de", "acme_de"),
        ("TENANT", "tenant", "a" * 50, "a" * 50),
        ("WORKBOOKS", "workbooks", "LATEST", "latest"),
        ("NOT_ASSESSABLE", "not_assessable", "pass", "pass"),
        ("LOG", "log", "json", "json"),
        ("ENGINE", "engine", "spark", "spark"),
        ("RESTATED", "restated", "2026-01  2026-03", ("2026-01", "2026-03")),
        ("LANDING", "landing_store", "s3://drops/autodesk/", "s3://drops/autodesk"),
        ("PUBLISHED", "published_store", "s3://abc", "s3://abc"),
    ],
)
def test_a_variable_is_taken(tmp_path: Path, monkeypatch, name: str, field: str, text: str, value: object):
    monkeypatch.setenv(f"SELFAUDIT_{name}", text)
    assert getattr(load_settings(tmp_path), field) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("THREADS", "0", "at least 1"),
        ("THREADS", "-2", "at least 1"),
        ("LOOK_SECONDS", "1.5", "whole number"),
        ("UNATTENDED", "maybe", "yes or no"),
        ("TENANT", "1st", "a letter first"),
        ("TENANT", "a" * 51, "at most 50"),
        ("WORKBOOKS", "some", "all or latest"),
        ("NOT_ASSESSABLE", "ignore", "fail or pass"),
        ("LOG", "xml", "text or json"),
        ("ENGINE", "polars", "duckdb or spark"),
        ("LANDING", "https://drops.example", "s3://BUCKET"),
        ("LANDING", "s3://key:secret@drops", "s3://BUCKET"),
        ("PUBLISHED", "s3://ab?versionId=1", "s3://BUCKET"),
    ],
)
def test_a_variable_that_does_not_fit_is_named_with_what_was_expected(
    tmp_path: Path, monkeypatch, name: str, text: str, expected: str
):
    monkeypatch.setenv(f"SELFAUDIT_{name}", text)
    with pytest.raises(SettingsError, match=f"^SELFAUDIT_{name} is .*{expected}") as raised:
        load_settings(tmp_path)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_of_a_mail_server_is_that_of_its_security(monkeypatch, security: str, port: int):
    wanted = {"SMTP_HOST": "mail.firm.example", "SMTP_SECURITY": security, "ALERT_HOSTS": "MAIL.firm.example"}
    for name, value in (
        wanted | {"ALERT_FROM": "a@firm.example", "ALERT_TO": "b@firm.example, ,c@firm.example"}
    ).items():
        monkeypatch.setenv(f"SELFAUDIT_{name}", value)
    found = load_alert_settings()
    assert (found.smtp_port, found.smtp_security) == (port, security)
    assert found.receivers == ("b@firm.example", "c@firm.example") and not found.names
    monkeypatch.setenv("SELFAUDIT_SMTP_PORT", "2525")
    assert load_alert_settings().smtp_port == 2525


@pytest.mark.parametrize("missing", ["ALERT_FROM", "ALERT_TO"])
def test_a_mail_server_needs_a_sender_and_receivers(monkeypatch, missing: str):
    wanted = {"SMTP_HOST": "mail.firm.example", "ALERT_HOSTS": "mail.firm.example"}
    wanted |= {"ALERT_FROM": "a@firm.example", "ALERT_TO": "b@firm.example"}
    for name in wanted.keys() - {missing}:
        monkeypatch.setenv(f"SELFAUDIT_{name}", wanted[name])
    with pytest.raises(SettingsError, match="no sender and receivers"):
        load_alert_settings()


def test_alerts_go_to_listed_hosts_only_whatever_the_case_of_their_names(monkeypatch):
    monkeypatch.setenv("SELFAUDIT_ALERT_WEBHOOK", "https://hooks.firm.example/secret")
    with pytest.raises(SettingsError, match=r"leads to hooks\.firm\.example, which SELFAUDIT_ALERT_HOSTS") as raised:
        load_alert_settings()
    assert "secret" not in str(raised.value)
    monkeypatch.setenv("SELFAUDIT_ALERT_HOSTS", "other.example, Hooks.Firm.example")
    assert "secret" in load_alert_settings().webhook and "secret" not in repr(load_alert_settings())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SIGNING_KEY": "/k", "SIGNING_KEY_PEM": "x"}, "only one of"),
        ({"SIGNING_KEY": "/k", "SIGNER": "sign"}, "only one of"),
        ({"SIGNER": "sign", "SEAL_MEMORY": "/m"}, "SELFAUDIT_SIGNER_PUBLIC_KEY"),
        ({"SIGNER": "sign", "SIGNER_PUBLIC_KEY": "/p"}, "SELFAUDIT_SEAL_MEMORY"),
        ({"TSA_URL": "ftp://tsa.example"}, "begins with https://"),
        ({"TSA_URL": "https://tsa.example", "TSA_HOSTS": "other.example"}, r"leads to tsa\.example"),
        ({"SIGNING_KEY": "/k", "SIGNING_PASSPHRASE_FILE": "/none"}, "/none cannot be read"),
    ],
)
def test_what_signs_is_refused_before_anything_is_written(monkeypatch, given: dict[str, str], said: str):
    for name, value in given.items():
        monkeypatch.setenv(f"SELFAUDIT_{name}", value)
    with pytest.raises(SettingsError, match=said):
        load_seal_settings()


def test_the_memory_of_a_key_file_lies_beside_it_and_the_passphrase_may_be_in_a_file(tmp_path: Path, monkeypatch):
    (tmp_path / "phrase").write_text(" not trimmed \r\n", encoding="utf-8")
    monkeypatch.setenv("SELFAUDIT_SIGNING_KEY", "/keys/company.pem")
    monkeypatch.setenv("SELFAUDIT_SIGNING_PASSPHRASE_FILE", str(tmp_path / "phrase"))
    monkeypatch.setenv("SELFAUDIT_TSA_URL", "http://tsa.example/stamp")
    monkeypatch.setenv("SELFAUDIT_TSA_HOSTS", "TSA.example")
    found = load_seal_settings()
    assert (found.memory, found.passphrase, found.signs) == ("/keys/company.pem.memory", " not trimmed ", True)
    assert found.stamp_url == "http://tsa.example/stamp"
    monkeypatch.setenv("SELFAUDIT_SIGNING_PASSPHRASE", "in the environment")
    assert load_seal_settings().passphrase == "in the environment"


def test_a_replay_knows_the_key_of_the_pseudonyms_and_nothing_that_signs_or_sends(tmp_path: Path, monkeypatch):
    for name in ("SIGNING_KEY", "SEAL_MEMORY", "TSA_URL", "LANDING", "PUBLISHED"):
        monkeypatch.setenv(f"SELFAUDIT_{name}", "s3://bucket")
    settings = load_settings(tmp_path)
    own = {k: v for k, v in settings.environment_of_a_replay(["2026-01", "2026-02"]).items() if k.startswith("SELFAU")}
    assert own == {"SELFAUDIT_RESTATED": "2026-01 2026-02"}
    settings.state.mkdir()
    settings.pseudonym_key.write_bytes(b"key")
    assert settings.environment_of_a_replay([])["SELFAUDIT_PSEUDONYM_KEY"] == str(settings.pseudonym_key)


def test_only_a_client_of_spark_has_the_address_of_its_server(monkeypatch):
    monkeypatch.setenv("SPARK_REMOTE", "sc://somewhere")
    monkeypatch.setenv("SPARK_LOCAL_REMOTE", "1")
    assert not environment_of_spark().keys() & {"SPARK_REMOTE", "SPARK_LOCAL_REMOTE"}
    assert environment_of_spark("sc://here", EXTRA="x")["SPARK_REMOTE"] == "sc://here"
    assert environment_of_spark("", EXTRA="x")["EXTRA"] == "x"
