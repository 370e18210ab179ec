"""Workbooks for the people who review: one per output and month, made from the published tables."""
