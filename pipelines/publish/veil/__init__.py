"""Privacy mode: pseudonyms in the place of persons in everything that is published, and the real values kept beside for
the few outputs that name somebody.
"""
