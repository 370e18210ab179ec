"""AdskLicensingInstHelper `list`: one product per object. Becomes `device_inventory` rows.

The helper prints no device: whoever collects it says which machine it was, as a key of each product or of an object
around the list (`device_id`, `deviceId`, `host_name`, `hostname`, `computer`, `machine`). Without one the
reader takes the file's name. The class of a licence (commercial, education) is not in the file.
"""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import objects, text_at
from pipelines.ingest.forms.text_table import TextTable

FORM = "licensing_helper"
HEADER = ["device_id", "product_display_name", "version", "publisher"]
DEVICE_KEYS = ("device_id", "deviceId", "device", "host_name", "hostname", "computer", "machine")


def tables(data: Any) -> list[TextTable] | None:
    """Installed products of one or several machines, else None."""
    rows: list[list[str | None]] = []
    lists: list[tuple[str | None, list[Any]]] = [(None, data)] if isinstance(data, list) else []
    if isinstance(data, dict):
        lists = [(_device(data), value) for value in data.values() if isinstance(value, list)]
    for device, found in lists:
        items = objects(found)
        if items is None or not all("feature_id" in item and "def_prod_key" in item for item in items):
            continue
        for item in items:
            version = text_at(item, "sel_prod_ver") or text_at(item, "def_prod_ver") or ""
            rows.append(
                [_device(item) or device, text_at(item, "feature_id"), version.split(".")[0] or None, "Autodesk"]
            )
    return [TextTable(HEADER, rows, FORM)] if rows else None


def _device(node: Any) -> str | None:
    return next((text_at(node, key) for key in DEVICE_KEYS if text_at(node, key)), None)
