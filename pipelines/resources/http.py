"""One HTTP request with a body, to the host that was named and to no other. Says nothing about what went wrong: that is
the caller's.
"""

from __future__ import annotations

import urllib.request
from typing import Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive at another host, and as a GET without its body."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def post(address: str, body: bytes, content_type: str, seconds: float, most_bytes: int) -> bytes:
    """The first bytes of the answer to a POST. seconds: how long each step of it may take.

    Raises urllib.error.HTTPError for an answer that is no success, a redirect among them, and OSError or
    http.client.HTTPException where there is none.
    """
    headers = {"Content-Type": content_type, "User-Agent": "selfaudit"}
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as answer:
        return bytes(answer.read(most_bytes))
