"""Parts of a step that fail on their own: one file that cannot be written is named, and the step goes on with the next
one. What the machine does concerns all of it, and is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import is_of_surroundings, root_in_one_line
from pipelines.failures.omissions import Unmade


class Spared:
    """Collects what failed. `missing`: what the run could not make before, as (name, review_month)."""

    def __init__(self, known: list[Unmade] | None = None) -> None:
        self.known = known or []
        self.unmade: list[Unmade] = []

    def missing(self, *kinds: str) -> set[tuple[str, str]]:
        """(name, review_month) of what was not made, of these kinds."""
        return {(u.name, u.review_month) for u in [*self.known, *self.unmade] if u.kind in kinds}

    @contextmanager
    def part(self, kind: str, name: str, review_month: str, step: str) -> Iterator[None]:
        """Run the block; where it raises, note that this thing was not made. step: what is said to have failed. Raises
        what concerns the whole machine.
        """
        try:
            yield
        except Exception as error:
            if is_of_surroundings(error):
                raise
            self.note(kind, name, review_month, step, root_in_one_line(error))

    def note(self, kind: str, name: str, review_month: str, step: str, reason: str) -> None:
        """Note that this thing was not made."""
        self.unmade.append(Unmade(review_month, kind, name, step, reason))


class AllOrNothing(Spared):
    """For callers that make one thing: what fails is raised."""

    @contextmanager
    def part(self, kind: str, name: str, review_month: str, step: str) -> Iterator[None]:
        """Run the block."""
        yield
