"""The right to write the data folder as a resource: held from the first step of a run to its last, in the same order as
the command's runs. What a run leaves is signed when it gives the right back, whatever its steps are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import dagster as dg

from pipelines.defs.months import months_of_tags
from pipelines.run import discretion, object_store, sealing
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

WRITER = "writer"
log = logging.getLogger("selfaudit.progress")


def writer_resource(settings: Settings) -> dg.ResourceDefinition:
    """Held while a run works; a run that the command started holds it already and goes on."""

    @dg.resource(description="The right to write this data folder. A second run, or a command, waits in order.")
    def writer(context: dg.InitResourceContext) -> Iterator[None]:
        months = months_of_tags(context.run.tags) if context.run else []
        with (
            discretion.quiet_errors(settings),
            discretion.quiet_log(settings),
            writer_lock(settings, log.info),
            object_store.exchanged(settings),
            sealing.sealed(settings, months) as changed,
        ):
            for sentence in changed:
                log.warning(f"changed outside a run: {sentence}")
            yield None

    return writer
