"""Names of files that are made of texts of delivered files."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pipelines.publish.names import file_name
from pipelines.publish.workbooks.reviewers import folder_names


@given(st.text())
def test_any_text_gives_a_name_that_is_no_path_and_not_hidden(text: str):
    name = file_name(text)
    assert re.fullmatch(r"[a-z0-9._-]{1,67}", name) and not name.startswith((".", "-")) and not name.endswith(".")
    assert name.split(".")[0] not in {"con", "nul", "aux", "prn", "com1"}


@given(st.lists(st.text(alphabet="aAbB@.-/_ä", max_size=6), unique=True))
def test_two_persons_never_share_a_folder(persons: list[str]):
    keys = folder_names(sorted(persons))
    assert len({k.casefold() for k in keys.values()}) == len(persons)


def test_a_name_that_was_changed_says_so_by_its_hash_and_a_plain_one_stays():
    assert file_name("maya") == "maya"
    assert file_name("../../etc/passwd").startswith("etc-passwd-")
    assert file_name("con").startswith("con-") and file_name("a-abc123") != "a-abc123"
    assert file_name("Ann@corp.example") != file_name("ann@corp.example")
