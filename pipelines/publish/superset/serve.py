"""Superset for one machine: metadata database, administrator, dashboard and server in one process, on loopback.

Runs in Superset's own environment (`make superset`); SUPERSET_HOME is its data folder. A company that already has
Superset imports the bundle there and does not need this. Defines no charts.
"""

from __future__ import annotations

import argparse
import secrets
import zipfile
from pathlib import Path
from typing import Any

from flask import g
from flask_migrate import upgrade
from superset.app import create_app
from werkzeug.serving import make_server

ADMINISTRATOR = "admin"


def prepare(app: Any, home: Path, bundle: Path) -> None:
    """Upgrade the metadata database, create the administrator if there is none, and import the bundle over the previous
    one.
    """
    with app.app_context():
        from superset import appbuilder, db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.commands.importers.v1.utils import get_contents_from_bundle

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        if security_manager.find_user(ADMINISTRATOR) is None:
            words = home / "admin_password"
            words.touch(mode=0o600)
            words.write_text(secrets.token_urlsafe(18), encoding="utf-8")
            security_manager.add_user(
                ADMINISTRATOR,
                "Super",
                "Set",
                "admin@selfaudit.example",
                security_manager.find_role("Admin"),
                password=words.read_text(encoding="utf-8"),
            )
        db.session.commit()
        g.user = security_manager.find_user(ADMINISTRATOR)
        with zipfile.ZipFile(bundle) as archive:
            ImportAssetsCommand(get_contents_from_bundle(archive)).run()


def main() -> None:
    """Prepare, then serve until the process is terminated."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True, help="what `make superset-dashboard` writes")
    parser.add_argument("--port", type=int, default=8088, help="port on 127.0.0.1; 0 = any free one")
    given = parser.parse_args()
    app = create_app()
    home = Path(app.config["DATA_DIR"])
    prepare(app, home, given.bundle)
    server = make_server("127.0.0.1", given.port, app, threaded=True)
    print(f"Superset: http://127.0.0.1:{server.server_port}/superset/dashboard/selfaudit/", flush=True)
    print(f"User {ADMINISTRATOR}; the password is in {home / 'admin_password'}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
