"""Third step of ingestion, *read*: the bytes of a file of any form as tables of texts. Judges no row."""
