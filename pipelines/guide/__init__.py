"""Documentation that is made from what the software itself goes by: contracts, rule catalogue, dbt's YAML, the
command's parser.

Pure functions from those to Markdown, and the files of an empty landing zone. Reads no data folder and opens no
database; nothing here decides anything about data. Hand-written pages are in `docs/`.
"""
