"""Signatures over what is published, with a key that is kept apart from the data folder: keys, signed statements, time
stamps, and the check of all of them. docs/evidence.md says how to check them without this software.
"""
