"""One POST goes to the host that was named and to no other."""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from pipelines.resources.http import post


class Answering(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Content-Type"], body))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
        else:
            self.send_response(200)
        self.end_headers()
        self.wfile.write(b"taken")

    def do_GET(self) -> None:
        self.seen.append((self.path, "", b""))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    Answering.seen.clear()
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_is_posted_arrives_and_the_first_bytes_of_the_answer_come_back(host: str):
    assert post(f"{host}/here", b"{}", "application/json", 5, 3) == b"tak"
    assert Answering.seen == [("/here", "application/json", b"{}")]


def test_a_redirect_is_not_followed(host: str):
    with pytest.raises(urllib.error.HTTPError, match="302"):
        post(f"{host}/moved", b"{}", "application/json", 5, 3)
    assert [path for path, _, _ in Answering.seen] == ["/moved"]
