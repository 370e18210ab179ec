"""A second implementation of the rules, written from the specification text alone, in plain Python over the typed raw
rows.

It reads `raw.*` and `reference.*` of a warehouse and nothing that the project computes from them. Slow and literal on
purpose.

    python -m benchmarks.peers.analyst.estate DATA SEED          a random estate beside every boundary
    selfaudit --data DATA run FROM..TO
    python -m benchmarks.peers.analyst DATA                      what differs, table by table
    python -m benchmarks.peers.analyst.dress DATA OTHER SEED     the same estate in other file forms: publishes the same

Open readings that were settled with the project: rows of FLX-05 one by one; persons left out of LRT-03 are all those in
telemetry; a waived finding reopens in the next month in which it is there; of a granted collection only its holders
have use (IDN-06); a seat whose contract has no territory may be used anywhere (LRT-10); the contract of a pool is the
one with most tokens over its packs.
"""
