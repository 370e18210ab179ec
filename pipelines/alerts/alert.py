"""An alert and its words: one kind, its items, each with a text without names and one with them. Pure data and texts;
sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

# kind → what is said of one, what is said of several, what to do.
KINDS: dict[str, tuple[str, str, str]] = {
    "failed_run": (
        "a run failed",
        "{n} runs failed",
        "The previous publication is unchanged. `selfaudit doctor`, the run in the Dagster UI, or the same `selfaudit "
        "run` "
        "again shows the step, the file and the row.",
    ),
    "not_made": (
        "a month was made only in part",
        "{n} months were made only in part",
        "`selfaudit status` says what is missing, why, what still stands, and what to do; the next run makes it.",
    ),
    "absent_month": (
        "a month has no drop",
        "{n} months have no drop",
        "Put the exports into landing/YYYY-MM; the review is made from whatever is there.",
    ),
    "overdue_review": (
        "a review is overdue",
        "{n} reviews are overdue",
        "Open published/pages/index.html, then `selfaudit sign-off REVIEW YYYY-MM --by NAME`.",
    ),
    "provisional": (
        "a month is still provisional",
        "{n} months are still provisional",
        "Its figures settle with the drop two months later, which is overdue.",
    ),
    "expiry_cliff": (
        "an expiry cliff is coming",
        "{n} expiry cliffs are coming",
        "Rule ENT-05 of the compliance gap register: renew, buy, or take the seats back in time.",
    ),
    "tokens": (
        "a token pool runs out",
        "{n} token pools run out",
        "See the token forecast: buy tokens, or move heavy users to seats.",
    ),
    "test": ("this is a test", "this is a test", "Alerts from selfaudit reach you."),
}
MOST_ITEMS = 10


@dataclass(frozen=True)
class Item:
    """One thing to say. key: what it is, stable from day to day, so that it is said once. text: no names; detail: with
    them ('' = nothing to add).
    """

    key: str
    text: str
    detail: str = ""

    def words(self, names: bool) -> str:
        """What is said of it."""
        return f"{self.text}: {self.detail}" if names and self.detail else self.text


@dataclass(frozen=True)
class Alert:
    """Everything of one kind that is to be said now. Raises KeyError for a kind that has no words."""

    kind: str
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """How many of what."""
        one, several, _ = KINDS[self.kind]
        return one if len(self.items) == 1 else several.format(n=len(self.items))

    @property
    def advice(self) -> str:
        """What to do."""
        return KINDS[self.kind][2]

    def without(self, said: Collection[str]) -> Alert:
        """The alert with the items that were not said yet."""
        return replace(self, items=tuple(i for i in self.items if i.key not in said))

    def lines(self, names: bool) -> list[str]:
        """The items in words, the first ones; the rest as a number."""
        shown = [i.words(names) for i in self.items[:MOST_ITEMS]]
        rest = len(self.items) - len(shown)
        return [*shown, f"and {rest} more"] if rest else shown


def subject(alerts: Sequence[Alert]) -> str:
    """One line that says what it is about."""
    return "selfaudit: " + ", ".join(a.title for a in alerts)


def as_text(alerts: Iterable[Alert], names: bool) -> str:
    """The alerts for a mail or a terminal."""
    blocks = []
    for alert in alerts:
        title = alert.title[0].upper() + alert.title[1:]
        blocks.append("\n".join([title, *(f"  - {line}" for line in alert.lines(names)), f"  {alert.advice}"]))
    return "\n\n".join(blocks) + "\n"


def as_slack(alerts: Sequence[Alert], names: bool) -> dict[str, Any]:
    """The alerts in the form of Slack's incoming webhooks (other services take it too); texts are escaped as Slack
    asks.
    """
    blocks = []
    for alert in alerts:
        title = alert.title[0].upper() + alert.title[1:]
        lines = [
            f"*{_escaped(title)}*",
            *(f"• {_escaped(line)}" for line in alert.lines(names)),
            f"_{_escaped(alert.advice)}_",
        ]
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)[:3000]}})
    return {"text": _escaped(subject(alerts)), "blocks": blocks}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
