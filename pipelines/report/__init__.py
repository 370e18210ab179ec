"""The HTML pages that people open: a month, the index, documents to be sent. Reads only the published tables.

`figures.py` pairs numbers with their sources, `month.py` reads, `words.py` names, `pages.py` writes; templates and
assets are in subfolders.
"""
