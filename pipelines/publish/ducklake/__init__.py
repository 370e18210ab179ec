"""A DuckLake catalogue over the published folders of Parquet. `catalogue.py` runs in an environment of its own, which
`requirements.lock` pins. Nothing of the pipeline imports this folder.
"""
