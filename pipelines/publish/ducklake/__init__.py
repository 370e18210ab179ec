"""A DuckLake catalogue of the published Parquet folders. `catalogue.py` runs in its own environment, pinned by
`requirements.lock`. The pipeline does not import this folder.
"""
