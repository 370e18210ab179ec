"""Around the last step of ingestion, `written`: the rows of a drop into the raw schema, in one transaction, and what is
made of them beside it.
"""
