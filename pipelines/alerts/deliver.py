"""Delivery: the new items of alerts to every channel that is set, one message per channel. What got through is logged,
what did not is sent again the next time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipelines.alerts import retry_queue
from pipelines.alerts.alert import Alert
from pipelines.alerts.delivery_log import forget_over, read, remember, remembered, write
from pipelines.alerts.send import Pause, SendError, send_mail, send_webhook
from pipelines.settings import AlertSettings, Settings


@dataclass(frozen=True)
class Delivery:
    """What happened. sent: channel → number of new items that got through; failures: channel → what went wrong;
    remarks: what to know besides.
    """

    sent: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def channels(to: AlertSettings) -> list[str]:
    """Names of the channels that are set."""
    return [name for name, there in (("webhook", to.webhook), ("mail", to.smtp_host)) if there]


def deliver(
    settings: Settings,
    to: AlertSettings,
    alerts: Sequence[Alert],
    moment: datetime,
    judged: Sequence[str] = (),
    pause: Pause = time.sleep,
) -> Delivery:
    """Send every item that a channel has not had. Never raises for a channel that fails: its items are sent
    the next time.

    moment: now, with its zone. judged: kinds that `alerts` holds in full, so that what is over is forgotten. Raises
    MemoryFileError.
    """
    result = Delivery()
    with remembered(settings.state / "alerts") as path:
        memory, kept_back = read(path), retry_queue.read(path.with_name("waiting.json"))
        current = {i.key for a in alerts for i in a.items}
        for channel in channels(to):
            all_of_it = retry_queue.joined(kept_back.get(channel, []), alerts)
            new = [a for a in (alert.without(memory.get(channel, {})) for alert in all_of_it) if a.items]
            try:
                if new:
                    result.remarks.extend((send_webhook if channel == "webhook" else send_mail)(to, new, moment, pause))
            except SendError as error:
                result.failures[channel] = str(error)
                kept_back[channel] = [i for a in new if a.kind in retry_queue.TOLD_BY_AN_EVENT for i in a.items]
                retry_queue.write(path.with_name("waiting.json"), kept_back)
                continue
            keys = [i.key for a in new for i in a.items]
            result.sent[channel] = len(keys)
            if keys:
                # At once: what got through here must not be sent again because the next channel was interrupted.
                memory = remember(memory, channel, keys, moment.date())
                write(path, memory)
            if kept_back.pop(channel, None):
                retry_queue.write(path.with_name("waiting.json"), kept_back)
        kept = forget_over(memory, judged, current, moment.date())
        if kept != memory:
            write(path, kept)
    return result
