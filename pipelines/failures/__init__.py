"""One failure never takes the rest: what depends on a failed model, what is made without it, and the record of what was
not made (docs/decisions/0027).
"""
