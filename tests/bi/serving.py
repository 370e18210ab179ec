"""Superset as a test sees it: started on loopback with a metadata database of its own, asked over HTTP, ended by its
process id.

Holds no expectation; `test_superset.py` has those.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PYTHON = ROOT / ".venv-superset" / "bin" / "python"
SERVER = ROOT / "pipelines" / "publish" / "superset" / "serve.py"
# Made by migrations of some 350 steps; far more than it takes, so that a busy machine does not fail a test.
PATIENCE = 420


@dataclass
class Superset:
    """A server that runs: where it is, its administrator's password, a token for its interface."""

    address: str
    password: str
    token: str = ""
    csrf: str = ""
    _opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    )

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One request; AssertionError with Superset's own words where it refuses."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers |= {"Authorization": f"Bearer {self.token}", "X-CSRFToken": self.csrf}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, method=method, data=data, headers=headers)
        try:
            with self._opener.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from error

    def log_in(self) -> None:
        """Take a token by the administrator's name and password."""
        who = {"username": "admin", "password": self.password, "provider": "db", "refresh": False}
        self.token = self.ask("POST", "/api/v1/security/login", who)["access_token"]
        self.csrf = self.ask("GET", "/api/v1/security/csrf_token/")["result"]

    def charts(self) -> dict[str, dict[str, Any]]:
        """The question saved with each chart of the dashboard, by the chart's title."""
        listed = self.ask("GET", "/api/v1/dashboard/selfaudit/charts")["result"]
        found = {}
        for chart in listed:
            saved = self.ask("GET", f"/api/v1/chart/{chart['id']}")["result"]
            found[saved["slice_name"]] = json.loads(saved["query_context"])
        return found

    def rows(self, question: dict[str, Any], month: str | None) -> list[dict[str, Any]]:
        """The rows that Superset shows for a saved question, of one month or of all."""
        only = [{"col": "review_month", "op": "==", "val": month}] if month else []
        queries = [q | {"filters": only} for q in question["queries"]]
        answer = self.ask("POST", "/api/v1/chart/data", question | {"queries": queries})["result"][0]
        assert answer["error"] is None, answer["error"]
        rows: list[dict[str, Any]] = answer["data"]
        return rows


@contextmanager
def serving(home: Path, bundle: Path) -> Iterator[Superset]:
    """Superset with the bundle imported, on a free port; ended when the block is left."""
    home.mkdir(parents=True)
    log = home / "log.txt"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SUPERSET", "FLASK", "PYTHON"))}
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(PYTHON), str(SERVER), "--bundle", str(bundle), "--port", "0"],
            env=environment | {"SUPERSET_HOME": str(home)},
            cwd=home,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            server = Superset(_address(process, log), (home / "admin_password").read_text())
            server.log_in()
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:  # a question is still open; the tests are over
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    waited_until = time.monotonic() + PATIENCE
    while time.monotonic() < waited_until:
        found = re.search(r"^Superset: (http://127\.0\.0\.1:\d+)/", log.read_text(errors="replace"), flags=re.M)
        if found:
            return found[1]
        assert process.poll() is None, f"Superset ended before it served:\n{log.read_text(errors='replace')[-4000:]}"
        time.sleep(0.2)
    raise AssertionError(f"Superset did not serve within {PATIENCE} s:\n{log.read_text(errors='replace')[-4000:]}")
