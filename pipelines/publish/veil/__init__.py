"""Privacy mode: pseudonyms instead of persons in everything that is published, and the real values kept separately for
the few outputs that name persons.
"""
