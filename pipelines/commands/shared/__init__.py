"""Shared by several commands: argument declarations, the summary of a run, sentences about files. Holds no command."""
