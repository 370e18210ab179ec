"""The commands of `selfaudit`, one module each: what they print and in which order they call the other packages."""
