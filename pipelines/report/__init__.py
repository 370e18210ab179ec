"""The HTML pages that people open: a month, the index, documents to be sent. Reads the published tables and nothing
else.

`figures.py` is a number with its source, `month.py` reads, `words.py` names, `pages.py` writes; templates and assets
lie beside.
"""
