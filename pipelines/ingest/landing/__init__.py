"""Around the first step of ingestion, `delivered`: which files a drop holds, what is said about them, and whether they
hold all there is.
"""
