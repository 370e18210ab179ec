"""The demo estate: a made-up enterprise's landing zone, the same bytes for the same seed, and the truth about what was planted in it.

`generate` is the entry point. People, domains (`.example`) and firms are invented; only product names are real.
"""

from pipelines.demo.generate import DemoReport, generate

__all__ = ["DemoReport", "generate"]
