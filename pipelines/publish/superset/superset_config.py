"""Superset's configuration for the published file: secret and metadata in one folder, no network access, the file
opened read-only.

Loaded by Superset in its own environment, never by the pipeline. SUPERSET_HOME is its data folder. Holds no password
and no chart.
"""

import secrets
from pathlib import Path
from typing import Any

from duckdb_engine import Dialect
from superset.config import DATA_DIR, TALISMAN_CONFIG

HOME = Path(DATA_DIR)


def _secret(path: Path) -> str:
    """The key that signs sessions: created at the first start and kept in a file that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret(HOME / "secret_key")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}?check_same_thread=false"

# DuckDB is a local file, which Superset refuses by default; `read_published` makes it safe.
PREVENT_UNSAFE_DB_CONNECTIONS = False
# No caching: every answer comes from the current file.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# The browser connects to this server only: no fonts, maps, pictures or statistics of other hosts.
TALISMAN_CONFIG = TALISMAN_CONFIG | {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    }
}
MAPBOX_API_KEY = ""
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []


_connect = Dialect.connect


def read_published(dialect: Any, *cargs: Any, **cparams: Any) -> Any:
    """Open a DuckDB file so that a replaced file is seen at once and nothing else on this machine can be read or
    written.

    Connections of one process to one path share an instance, which keeps the old file while any of them is open and
    refuses some that open at the same moment. So each connection is a separate instance that attaches the file
    read-only.
    """
    path = Path(cparams.get("database") or (cargs[0] if cargs else ":memory:"))
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = _connect(dialect, ":memory:", config=closed)
    if str(path) != ":memory:":
        quoted, name = str(path).replace("'", "''"), path.stem.replace('"', '""')
        connection.execute(f"attach '{quoted}' as \"{name}\" (read_only)")
        connection.execute(f'use "{name}".main')
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


Dialect.connect = read_published
