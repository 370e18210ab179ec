"""Second step of ingestion, *recognised*: where the header of a table stands and which input it belongs to."""
