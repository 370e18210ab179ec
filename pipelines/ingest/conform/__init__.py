"""Around the fourth step of ingestion, `judged`: texts to typed rows, set-based: the SQL that trims, maps, casts and
judges every cell of a table of texts by its contract.

`table` runs it; `dates`, `numbers`, `values` build the SQL of one kind of cell, `judging` that of faults. What cells
mean is data of `pipelines/contracts`.
"""
