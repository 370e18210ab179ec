"""What this process may use of the machine: memory and disk. Knows no settings and nothing of a run."""
