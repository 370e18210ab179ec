"""Which texts are those of a network licence server, by their content: they have no header. Reads their beginning only;
their rows are `ingest.read.server_text`.
"""

from __future__ import annotations

from pipelines.contracts import Contract, Form
from pipelines.flexnet.text import is_debug_log, is_licence_file, is_licence_list, is_status_text
from pipelines.ingest.recognise.inputs import contract_of

INPUT_OF = {Form.SERVER_LOG: "nlm_log", Form.LICENCE_FILE: "nlm_licence", Form.STATUS_TEXT: "nlm_status"}
LICENCE_LIST = (
    "this is the output of `lmutil lmstat -i`, which lists the licence file and asks no server, so it names no user. "
    "Run `lmutil lmstat -a` and hand in its output; "
    "the licences themselves are read from the licence file"
)


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
