"""Who may read what a run writes, and where alerts may go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.resources.modes import GROUP, OWNER, only_for
from pipelines.settings import AlertSettings, Settings, SettingsError, load_alert_settings
from pipelines.warehouse import connect


@pytest.fixture
def same_umask() -> Iterator[None]:
    former = os.umask(0o022)
    yield
    os.umask(former)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("before", "most", "after"),
    [(0o755, OWNER, 0o700), (0o755, GROUP, 0o750), (0o500, GROUP, 0o500), (0o777, GROUP, 0o750)],
)
def test_a_folder_loses_what_is_too_much_and_gains_nothing(tmp_path: Path, before: int, most: int, after: int):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(before)
    only_for(folder, most)
    assert mode(folder) == after


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path):
    only_for(tmp_path / "nowhere", OWNER)


def test_the_warehouse_and_the_state_are_for_their_user_also_where_they_were_open_before(tmp_path, same_umask):
    settings = Settings(data=tmp_path)
    for folder in (settings.warehouse.parent, settings.scratch):
        folder.mkdir(parents=True)
    settings.apply_to_environment()
    with connect(settings):
        pass
    assert mode(settings.warehouse.parent) == mode(settings.state) == 0o700
    assert mode(settings.warehouse) == 0o640


def test_an_alert_goes_to_no_host_that_is_not_listed(monkeypatch):
    for name in [n for n in os.environ if n.startswith("SELFAUDIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SELFAUDIT_ALERT_WEBHOOK", "https://Hooks.Corp.example:8443/secret")
    with pytest.raises(
        SettingsError, match=r"leads to hooks\.corp\.example, which SELFAUDIT_ALERT_HOSTS does not list"
    ) as told:
        load_alert_settings()
    assert "secret" not in str(told.value)
    monkeypatch.setenv("SELFAUDIT_ALERT_HOSTS", "mail.corp.example")
    with pytest.raises(SettingsError, match="does not list"):
        load_alert_settings()
    monkeypatch.setenv("SELFAUDIT_ALERT_HOSTS", "mail.corp.example, hooks.corp.example")
    found = load_alert_settings()
    assert isinstance(found, AlertSettings) and found.webhook.endswith("/secret")
