"""Telemetry as newline-delimited JSON, and what the SAM tool believes."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path

from pipelines.demo.estate import NAMES
from pipelines.demo.exports.files import put, text_of
from pipelines.demo.plants.telemetry import sam_rows
from pipelines.demo.records import Event
from pipelines.demo.world import World


def write(world: World, month: str, folder: Path) -> None:
    """The events that arrived with the month, and the SAM tool's list."""
    lines = [json.dumps(_row(number, e)) + "\n" for number, e in enumerate(world.events) if e.month == month]
    put(folder / "telemetry" / "lrt.ndjson", "".join(lines).encode())
    sam = [[email, NAMES[offering], day, 40] for drop, email, offering, day in sam_rows(world) if drop == month]
    header = ["email", "offering_name", "last_used", "days_used_12m"]
    put(folder / "it" / "sam tool.csv", text_of(header, sam).encode())


def _row(number: int, e: Event) -> dict[str, str]:
    at = datetime.combine(e.day, time(e.hour, e.minute))
    return {
        "event_id": f"e-{number}",
        "event_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "received_at": f"{at + timedelta(hours=e.lag_hours):%Y-%m-%dT%H:%M:%SZ}",
        "user_email": e.email,
        "device_id": e.device,
        "product": NAMES[e.offering],
        "version": e.version,
        "feature": e.feature,
        "licence_claim": e.claim,
        "duration_minutes": str(e.minutes),
        "country": e.country,
        "source": e.source,
        "team_alias": e.team,
    }
