"""Signatures over what is published, with a key kept outside the data folder: keys, signed statements, time stamps, and
their verification. docs/evidence.md explains how to verify them without this software.
"""
