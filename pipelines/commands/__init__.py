"""The commands of `selfaudit`, one file each: what they print and in which order they call the other rooms."""
