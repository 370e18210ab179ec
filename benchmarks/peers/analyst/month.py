"""One review month: the foundations together."""

from __future__ import annotations

from datetime import date

from benchmarks.peers.analyst.inputs import Inputs
from benchmarks.peers.analyst.people import People
from benchmarks.peers.analyst.reference import Reference
from benchmarks.peers.analyst.seats import Seats
from benchmarks.peers.analyst.warehouse import Warehouse


class Month:
    """Reference tables, inputs, persons and seats of a review month."""

    def __init__(self, warehouse: Warehouse, month: str, as_of: date, last_drop: str | None = None) -> None:
        self.month, self.as_of = month, as_of
        self.first_day = as_of.replace(day=1)
        self.ref = Reference(warehouse, month, as_of)
        self.inputs = Inputs(warehouse, self.ref, last_drop)
        self.people = People(self.inputs)
        self.seats = Seats(self.inputs, self.people)

    def offering_price(self, offering: str) -> tuple[object, str | None, str]:
        """Price for rules without a team: contract without number, else list."""
        return self.ref.price(offering, None)
