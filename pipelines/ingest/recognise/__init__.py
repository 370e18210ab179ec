"""Around the second step of ingestion, `recognised`: where the header of a table stands, which input it belongs to."""
