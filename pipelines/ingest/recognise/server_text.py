"""Which texts are those of a network licence server, by their content: they have no header. Reads their beginning only;
their rows are `ingest.read.server_text`.
"""

from __future__ import annotations

import re

from pipelines.contracts import Contract, Form
from pipelines.flexnet.text import is_debug_log, is_licence_file, is_licence_list, is_status_text
from pipelines.ingest.recognise.inputs import contract_of

INPUT_OF = {Form.SERVER_LOG: "nlm_log", Form.LICENCE_FILE: "nlm_licence", Form.STATUS_TEXT: "nlm_status"}
LICENCE_LIST = (
    "this is the output of `lmutil lmstat -i`, which lists the licence file and asks no server, so it names no user. "
    "Run `lmutil lmstat -a` and hand in its output; "
    "the licences themselves are read from the licence file"
)


OPTIONS_FILE = (
    "this is an options file of the licence server, which says who may use a licence and not who did; hand in the "
    "debug log of the vendor daemon, the licence file, or the output of `lmutil lmstat -a`"
)
REPORT_LOG = (
    "this is a report log of the licence server, which only its vendor's program reads; hand in the debug log of the "
    "vendor daemon (DEBUGLOG in the options file)"
)
_OPTION = re.compile(
    r"(GROUP|HOST_GROUP|INCLUDE|INCLUDEALL|EXCLUDE|EXCLUDEALL|RESERVE|MAX|TIMEOUT|TIMEOUTALL|REPORTLOG|DEBUGLOG|NOLOG|"
    r"BORROW_LOWWATER|MAX_BORROW_HOURS|LINGER|GROUPCASEINSENSITIVE)\s+\S"
)


def other_server_text(head: bytes) -> str:
    """What a text of a licence server is that has no rows for any input, and what to hand in instead; '' for any other
    text.
    """
    text = head.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if text.startswith(("#REPORTLOG", "#RL#", "REPORT_LOG")):
        return REPORT_LOG
    options = sum(1 for line in lines if _OPTION.match(line))
    return OPTIONS_FILE if options and options * 2 > len(lines) else ""


def contract_of_text(head: bytes, named: str | None) -> Contract | None:
    """The input that the beginning of a UTF-8 text belongs to by its content, None if it is no text of a licence
    server.

    named: the input a manifest names; it decides.
    """
    if named is not None:
        contract = contract_of(named)
        return contract if contract is not None and contract.form is not Form.TABLE else None
    text = head.decode("utf-8", "replace")
    for form, fits in (
        (Form.SERVER_LOG, is_debug_log),
        (Form.STATUS_TEXT, is_status_text),
        (Form.STATUS_TEXT, is_licence_list),
        (Form.LICENCE_FILE, is_licence_file),
    ):
        if fits(text):
            return contract_of(INPUT_OF[form])
    return None


def refusal_of_text(head: bytes) -> str:
    """Why a text of a licence server is of no use, and what to hand in instead; '' where it is."""
    return LICENCE_LIST if is_licence_list(head.decode("utf-8", "replace")) else ""
