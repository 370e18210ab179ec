"""What this process may use of the machine: memory, disk, the network. Knows no settings and nothing of a run."""
