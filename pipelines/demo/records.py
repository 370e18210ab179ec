"""The records the demo estate is made of: people, seats, subscriptions, packs, events, groups, planted cases.

Plain data; who is planted is `plants`, what the files look like is `exports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.demo.estate import DAYS, HARBOUR, NORDBAU
from pipelines.partitions import as_of

FAR = date(2099, 1, 1)


@dataclass(frozen=True)
class Seat:
    """A seat: team, offering, the day it was assigned, the day it was taken back (None: still held)."""

    team: str
    offering: str
    assigned: date
    ended: date | None = None

    def held(self, day: date) -> bool:
        """Whether the seat is assigned at the end of a day."""
        return self.assigned <= day and (self.ended is None or self.ended > day)


@dataclass(frozen=True)
class Person:
    """Somebody of the estate.

    products: what is used on the `days` of every month from first_use to last_use, in turn; empty = nothing. also:
    further days of use. role holds from role_from on (before: User). last_sign_in: None = signs in to the directory
    every month, `date.min` = never did. former_email: the address that HR and directory still have. rehired: HR has an
    older, ended record as well. on_flex: an offering that the report lists for the person by access option Flex, which
    is no seat.
    """

    number: int
    email: str
    first_name: str
    last_name: str
    seats: tuple[Seat, ...] = ()
    home: str = HARBOUR
    products: tuple[str, ...] = ()
    days: tuple[int, ...] = DAYS
    also: tuple[date, ...] = ()
    first_use: date = date.min
    last_use: date = FAR
    in_hr: bool = True
    in_directory: bool = True
    enabled: bool = True
    leave_date: date | None = None
    on_leave: bool = False
    department: str = "BIM"
    entity: str = NORDBAU
    role: str = "User"
    role_from: str = "2000-01"
    approved: bool = False
    status: str = "Verified"
    contractor_end: date | None = None
    is_contractor: bool = False
    policy: str = "company"
    in_portal: bool = True
    in_sam: bool = True
    last_sign_in: date | None = None
    former_email: str = ""
    rehired: bool = False
    on_flex: str = ""

    def role_in(self, month: str) -> str:
        """The portal role in a month."""
        return self.role if self.role_from <= month else "User"

    def teams(self, month: str) -> set[str]:
        """The teams whose user list shows the person: those of the seats held, else the home."""
        return {s.team for s in self.seats if s.held(as_of(month))} or {self.home}

    def is_admin(self, month: str) -> bool:
        """Whether the portal shows an administrator's role in a month."""
        return self.in_portal and self.role_in(month) != "User"


@dataclass(frozen=True)
class Line:
    """A subscription. seats None: as many as are assigned in the month, plus spare. autorenew None: it ends for
    good.
    """

    team: str
    offering: str
    start: date
    end: date
    seats: int | None = None
    spare: int = 1
    contract: str = ""
    subscription: str = ""
    autorenew: date | None = None
    status: str = "Active"


@dataclass(frozen=True)
class Pack:
    """A Flex pack of a pool (team)."""

    pack: str
    team: str
    tokens: int
    start: date
    end: date


@dataclass(frozen=True)
class Token:
    """Tokens charged to a person on a day; feature empty = charged for the product itself."""

    day: date
    person: Person
    team: str
    offering: str
    tokens: int
    feature: str = ""


@dataclass(frozen=True)
class Event:
    """A telemetry event, delivered in the drop `month`."""

    month: str
    day: date
    email: str
    team: str
    offering: str
    device: str
    hour: int = 9
    minute: int = 0
    minutes: int = 60
    version: str = "2026"
    feature: str = "open"
    claim: str = "named_user"
    country: str = "DE"
    source: str = "desktop"
    lag_hours: int = 24
    in_sam: bool = True


@dataclass(frozen=True)
class Member:
    """Somebody in a portal group, from one review month to another."""

    person: Person
    since: str = "0000-00"
    until: str = "9999-99"


@dataclass(frozen=True)
class Group:
    """A portal group, and the offering it grants (with the predicate that is meant, empty = unknown)."""

    team: str
    name: str
    members: tuple[Member, ...]
    kind: str = "Local"
    grants: str = ""
    intended: str = ""

    def people(self, month: str) -> list[Person]:
        """Its members in a month."""
        return [m.person for m in self.members if m.since <= month <= m.until]


@dataclass(frozen=True)
class HubMember:
    """A membership: of a hub, or of a project of it, and perhaps of a product there. Which team a hub belongs to is
    written with the file. invited_days_ago counts from the as-of date of each month; None: long ago.
    """

    hub: str
    person: Person
    project: str = ""
    product: str = ""
    administrator: bool = False
    status: str = "active"
    invited_days_ago: int | None = None


@dataclass(frozen=True)
class Installation:
    """A product found on a device; seen_days_ago counts from the as-of date of each month."""

    device: str
    name: str
    version: str = ""
    email: str = ""
    licence_class: str = "commercial"
    seen_days_ago: int = 3


@dataclass(frozen=True)
class Decision:
    """What a reviewer decided about a finding (its id follows from the key)."""

    key: str
    decided: date
    decision: str
    until: date | None
    reason: str


@dataclass(frozen=True)
class Planted:
    """A row of the truth: in this month the rule must (violation) or must not (near_miss) speak on this key."""

    month: str
    rule: str
    team: str
    offering: str
    person: str
    scope: str
    kind: str
    note: str
