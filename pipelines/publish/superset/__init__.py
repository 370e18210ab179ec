"""Apache Superset on the published file: the dashboard as data, the bundle that Superset imports, a server for one
machine.

`dashboard.yml` defines the dashboard and `bundle.py` generates the import file from it (in the project's environment);
`superset_config.py` and `serve.py` run in Superset's own environment, pinned by `requirements.lock`. The pipeline does
not import this folder.
"""
