"""The company's own tables: resolved per review month, changes between months, predicates of group rules. Reads no
file.
"""
