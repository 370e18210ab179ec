"""The memory limit: a share of the machine's or the container's memory, or what the environment says. Looks at made-up
/proc and /sys trees only.
"""

import pytest

from pipelines.resources.machine import MB, Memory, memory, memory_limit
from pipelines.settings import SettingsError, load_settings, parse_memory

GB = 1000 * MB


def tree(root, meminfo_kb, cgroup="", **files):
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal:       {meminfo_kb} kB\nMemFree:        1 kB\n")
    (root / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("_max", ".max")
        path = path.with_name(path.name.replace("limit", "memory.limit_in_bytes"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_without_a_container_the_memory_is_that_of_the_machine(tmp_path):
    assert memory(tree(tmp_path, 8_000_000)) == Memory(8_192_000_000, "this machine")


@pytest.mark.parametrize(
    ("cgroup", "files", "size"),
    [
        ("0::/\n", {"memory_max": "2000000000"}, 2 * GB),
        # A limit of a group above counts as well; `max` is none.
        ("0::/kube/pod\n", {"kube__memory_max": "3000000000", "kube__pod__memory_max": "max"}, 3 * GB),
        ("4:memory:/docker/abc\n", {"memory__docker__abc__limit": "1500000000"}, 1500 * MB),
        # A container of cgroup v1 names its group by a path that it does not see itself; its own limit stands at the
        # root.
        ("5:cpu:/x\n4:memory:/docker/abc\n", {"memory__limit": "1500000000"}, 1500 * MB),
    ],
)
def test_the_limit_of_a_container_counts_where_it_is_less(tmp_path, cgroup, files, size):
    assert memory(tree(tmp_path, 8_000_000, cgroup, **files)) == Memory(size, "this container")


@pytest.mark.parametrize("text", ["max", "9223372036854771712", "", "junk"])
def test_a_container_without_a_limit_has_the_memory_of_the_machine(tmp_path, text):
    found = memory(tree(tmp_path, 8_000_000, "4:memory:/\n0::/\n", memory__limit=text, memory_max=text))
    assert found == Memory(8_192_000_000, "this machine")


@pytest.mark.parametrize(
    ("size", "limit"),
    [
        (252 * GB, 21 * GB),
        (24 * GB, 2 * GB),
        (6 * GB, GB),
        (2 * GB, GB),
        (1500 * MB, 500 * MB),
        (GB, 256 * MB),
        (100 * MB, 256 * MB),
    ],
)
def test_a_twelfth_of_the_memory_is_taken_or_a_gigabyte_and_a_gigabyte_left_to_what_runs_beside(size, limit):
    assert memory_limit(Memory(size, "this machine")) == limit


def test_the_environment_sets_the_limit_and_is_named_as_its_source(tmp_path, monkeypatch):
    monkeypatch.setenv("SELFAUDIT_MEMORY_LIMIT", " 1.5 GiB ")
    settings = load_settings(tmp_path)
    assert (settings.memory_limit, settings.memory_source) == ("1.5GiB", "SELFAUDIT_MEMORY_LIMIT")
    assert settings.memory_bytes == 3 * 2**29


def test_without_the_environment_the_source_names_machine_or_container(tmp_path, monkeypatch):
    monkeypatch.delenv("SELFAUDIT_MEMORY_LIMIT", raising=False)
    settings = load_settings(tmp_path)
    assert settings.memory_bytes >= 256 * MB
    assert "GB of this " in settings.memory_source


@pytest.mark.parametrize("text", ["10", "1 gig", "-1GB", "49MB", "0.04GB", "40%", "1500"])
def test_a_limit_without_a_unit_or_too_small_is_refused_in_words(tmp_path, monkeypatch, text):
    monkeypatch.setenv("SELFAUDIT_MEMORY_LIMIT", text)
    with pytest.raises(SettingsError, match=r"SELFAUDIT_MEMORY_LIMIT is .* expected a size of at least 50MB"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "size"), [("1500MB", 1500 * MB), ("2GiB", 2**31), ("512mib", 2**29), ("0.5 gb", 500 * MB)]
)
def test_sizes_are_read_as_duckdb_reads_them(text, size):
    assert parse_memory(text) == size
