"""Apache Superset on the published file: the dashboard as data, the bundle that Superset imports, a server for one
machine.

`dashboard.yml` says what is shown, `bundle.py` makes the import file of it (in the project's environment);
`superset_config.py` and `serve.py` run in Superset's own environment, which `requirements.lock` pins. Nothing of the
pipeline imports this folder.
"""
