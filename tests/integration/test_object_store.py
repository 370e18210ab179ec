"""Landing zone and publication on an object store, against a server on loopback that speaks S3: what arrives, what is
kept, what readers see while a snapshot is written, and what is said where the store cannot be used.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.run import landing_check, object_store
from pipelines.settings import Settings, SettingsError, load_settings
from pipelines.warehouse import writer_lock
from tests import preloaded
from tests.conftest import COMMAND, Reviewed, own_environment

obstore = pytest.importorskip("obstore", reason="obstore is not installed")
server = pytest.importorskip("moto.server", reason="moto is not installed")
LANDING, PUBLISHED = "s3://estate/acme/landing", "s3://estate/acme/published"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def stores(address: str, monkeypatch: pytest.MonkeyPatch):
    """The two stores, empty, as somebody else sees them."""
    import boto3
    from obstore.store import from_url

    given = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "reader",
        "AWS_SECRET_ACCESS_KEY": "no-secret",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    bucket = boto3.resource("s3", endpoint_url=address).Bucket("estate")
    bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield from_url(LANDING), from_url(PUBLISHED)
    bucket.objects.all().delete()
    bucket.delete()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings(tmp_path / "data"), landing_store=LANDING, published_store=PUBLISHED)


def put(store, files: dict[str, str]) -> None:
    for name, text in files.items():
        obstore.put(store, name, text.encode())


def files_of(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def publish(settings: Settings, files: dict[str, str]) -> None:
    shutil.rmtree(settings.published, ignore_errors=True)
    for name, text in {**files, "selfaudit.duckdb": "db"}.items():
        (settings.published / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.published / name).write_text(text)


def read(store) -> dict[str, str]:
    """What a reader sees: what the current snapshot names."""
    current = json.loads(bytes(obstore.get(store, "current.json").bytes()))
    return {n: bytes(obstore.get(store, f"{current['folder']}/{n}").bytes()).decode() for n in current["files"]}


def objects(store) -> list[str]:
    return sorted(m["path"] for batch in obstore.list(store) for m in batch)


def test_drops_and_reference_arrive_and_what_is_no_drop_stays_away(stores, settings):
    put(
        stores[0], {"2026-10/portal/ü sers.csv": "a", "reference/prices.csv": "p", "notes/x.csv": "n", "2026-13/x": "n"}
    )
    object_store.bring_in(settings)
    assert files_of(settings.landing) == {"2026-10/portal/ü sers.csv": "a", "reference/prices.csv": "p"}


def test_a_change_arrives_a_removed_object_goes_and_files_from_elsewhere_stay(stores, settings):
    put(stores[0], {"2026-09/a.csv": "1", "2026-10/a.csv": "1", "2026-10/b.csv": "2"})
    object_store.bring_in(settings)
    (settings.landing / "2026-10" / "mine.csv").write_text("m")
    stamp = (settings.landing / "2026-09" / "a.csv").stat().st_mtime_ns
    put(stores[0], {"2026-10/a.csv": "3"})
    obstore.delete(stores[0], "2026-10/b.csv")
    object_store.bring_in(settings)
    assert files_of(settings.landing) == {"2026-09/a.csv": "1", "2026-10/a.csv": "3", "2026-10/mine.csv": "m"}
    assert (settings.landing / "2026-09" / "a.csv").stat().st_mtime_ns == stamp


def test_decisions_of_the_data_folder_are_not_replaced(stores, settings):
    put(stores[0], {"reference/dispositions.csv": "old", "reference/prices.csv": "p"})
    kept = settings.landing / "reference" / "dispositions.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("decided here")
    object_store.bring_in(settings)
    obstore.delete(stores[0], "reference/dispositions.csv")
    object_store.bring_in(settings)
    assert kept.read_text() == "decided here"


def test_decisions_of_the_store_are_taken_where_there_are_none_and_not_again(stores, settings):
    put(stores[0], {"reference/sign_offs.csv": "of the store"})
    object_store.bring_in(settings)
    kept = settings.landing / "reference" / "sign_offs.csv"
    assert kept.read_text() == "of the store"
    kept.write_text("signed here")
    put(stores[0], {"reference/sign_offs.csv": "newer there"})
    object_store.bring_in(settings)
    assert kept.read_text() == "signed here"


def test_a_store_that_holds_nothing_any_more_takes_no_drop_away(stores, settings):
    put(stores[0], {"2026-10/a.csv": "1"})
    object_store.bring_in(settings)
    obstore.delete(stores[0], "2026-10/a.csv")
    with pytest.raises(UserError, match="holds no drop any more"):
        object_store.bring_in(settings)
    assert files_of(settings.landing) == {"2026-10/a.csv": "1"}


def test_a_download_that_breaks_leaves_the_landing_zone_as_it_was(stores, settings, monkeypatch):
    put(stores[0], {"2026-10/a.csv": "1", "2026-10/b.csv": "1"})
    object_store.bring_in(settings)
    put(stores[0], {"2026-10/a.csv": "2", "2026-10/b.csv": "2"})
    download = object_store._download

    def breaks(store, key, path):
        if key.endswith("b.csv"):
            raise FileNotFoundError("gone")
        download(store, key, path)

    monkeypatch.setattr(object_store, "_download", breaks)
    with pytest.raises(UserError, match="The landing zone is as it was"):
        object_store.bring_in(settings)
    assert files_of(settings.landing) == {"2026-10/a.csv": "1", "2026-10/b.csv": "1"}
    assert not (settings.scratch / "landing").exists()
    monkeypatch.setattr(object_store, "_download", download)
    object_store.bring_in(settings)
    assert files_of(settings.landing) == {"2026-10/a.csv": "2", "2026-10/b.csv": "2"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["2026-10/../../../etc/cron.d/x"], "not a valid file name"),
        (["2026-10/a\\..\\b"], "not a valid file name"),
        (["2026-10//a"], "not a valid file name"),
        (["2026-10/a\nb"], "not a valid file name"),
        (["2026-10"], "not a valid file name"),
        (["2026-10/a", "2026-10/a/b"], "as a file and as a folder"),
    ],
)
def test_an_object_with_a_hostile_name_is_refused_and_nothing_is_written(settings, monkeypatch, keys, said):
    listed = [{"path": k, "e_tag": "e", "size": 1} for k in ["2026-10/good.csv", *keys]]
    monkeypatch.setattr(object_store, "_objects", lambda store, prefix=None: listed)
    monkeypatch.setattr(object_store, "_open", lambda url: None)
    with pytest.raises(UserError, match=said):
        object_store.bring_in(settings)
    assert not settings.landing.exists()


def test_readers_see_one_whole_snapshot_whatever_is_being_written(stores, settings, monkeypatch):
    publish(settings, {"findings/a.parquet": "1", "pages/index.html": "1"})
    object_store.send_out(settings)
    first = read(stores[1])
    assert first == {"findings/a.parquet": "1", "pages/index.html": "1", "selfaudit.duckdb": "db"}
    publish(settings, {"findings/a.parquet": "2", "pages/index.html": "1"})
    seen, write = [], obstore.put

    def put_and_look(store, path, *rest, **more):
        seen.append((path, read(stores[1])))
        return write(store, path, *rest, **more)

    monkeypatch.setattr(obstore, "put", put_and_look)
    object_store.send_out(settings)
    # Only what is new was sent, what names it last, and until then every reader saw all of the one before.
    assert [p.rpartition("/")[2] for p, _ in seen] == ["a.parquet", "current.json"]
    assert all(files == first for _, files in seen)
    assert read(stores[1]) == {**first, "findings/a.parquet": "2"}


def test_a_snapshot_is_never_changed_the_one_before_is_kept_and_older_ones_go(stores, settings):
    names = []
    for text in ("1", "2", "2", "3"):
        publish(settings, {"a.csv": text})
        object_store.send_out(settings)
        names.append(json.loads(bytes(obstore.get(stores[1], "current.json").bytes()))["snapshot"])
    assert len(set(names)) == 3 and names[1] == names[2]
    assert {o.split("/")[1] for o in objects(stores[1]) if o != "current.json"} == {names[1], names[3]}


def test_a_sending_that_breaks_leaves_readers_what_they_have_and_is_made_good_by_the_next(
    stores, settings, monkeypatch
):
    publish(settings, {"a.csv": "1"})
    object_store.send_out(settings)
    publish(settings, {"a.csv": "2", "b.csv": "2"})
    write = obstore.put

    def breaks(store, path, *rest, **more):
        if path.endswith("b.csv"):
            raise obstore.exceptions.GenericError("<?xml secret answer")
        return write(store, path, *rest, **more)

    monkeypatch.setattr(obstore, "put", breaks)
    with pytest.raises(UserError, match="readers of the store have the one before"):
        object_store.send_out(settings)
    assert read(stores[1]) == {"a.csv": "1", "selfaudit.duckdb": "db"}
    monkeypatch.setattr(obstore, "put", write)
    object_store.send_out(settings)
    assert read(stores[1]) == {"a.csv": "2", "b.csv": "2", "selfaudit.duckdb": "db"}


def test_work_that_fails_sends_nothing(stores, settings):
    publish(settings, {"a.csv": "1"})
    with pytest.raises(ValueError), object_store.exchanged(settings):
        raise ValueError
    assert objects(stores[1]) == []


def test_a_run_inside_a_run_sends_once_at_the_end(stores, settings):
    with object_store.exchanged(settings):
        with object_store.exchanged(settings):
            publish(settings, {"a.csv": "half"})
        assert objects(stores[1]) == []
        publish(settings, {"a.csv": "whole"})
    assert read(stores[1])["a.csv"] == "whole"


def test_a_look_at_the_landing_zone_brings_it_in_but_not_while_a_run_works(stores, settings):
    put(stores[0], {"2026-10/a.csv": "1"})
    with writer_lock(settings):
        pass
    found = landing_check.look(settings, {}, "2026-10")
    assert "new or still changing" in found.reason and (settings.landing / "2026-10" / "a.csv").is_file()


def test_a_store_that_does_not_answer_is_told_without_its_answer(stores, settings):
    strange = replace(settings, landing_store="s3://not-there/x")
    with pytest.raises(UserError, match=r"^s3://not-there/x cannot be read or written") as told:
        object_store.bring_in(strange)
    assert "<?xml" not in str(told.value) and "no-secret" not in str(told.value)


@pytest.mark.parametrize(
    "text", ["https://x.example/a", "s3://Upper/x", "s3://key:secret@bucket/a", "s3://b/../a b", "bucket"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(monkeypatch, text):
    monkeypatch.setenv("SELFAUDIT_PUBLISHED", text)
    with pytest.raises(SettingsError, match="SELFAUDIT_PUBLISHED is not an address of an object store") as told:
        load_settings()
    assert text not in str(told.value)


@pytest.mark.thorough
def test_a_review_from_the_store_to_the_store_has_the_bytes_of_one_on_disk(stores, small: Reviewed, tmp_path: Path):
    for path in sorted((small.data / "landing").rglob("*")):
        if path.is_file():
            obstore.put(stores[0], path.relative_to(small.data / "landing").as_posix(), path)
    data = tmp_path / "data"
    aws = {k: v for k, v in os.environ.items() if k.startswith("AWS_")}
    environment = {**own_environment(), **aws, "SELFAUDIT_LANDING": LANDING, "SELFAUDIT_PUBLISHED": PUBLISHED}
    code, said = preloaded.run([str(COMMAND), "--data", str(data), "run"], environment)
    assert code in (0, 3), said
    current = json.loads(bytes(obstore.get(stores[1], "current.json").bytes()))
    fetched = tmp_path / "fetched" / "published"
    for name in current["files"]:
        (fetched / name).parent.mkdir(parents=True, exist_ok=True)
        (fetched / name).write_bytes(bytes(obstore.get(stores[1], f"{current['folder']}/{name}").bytes()))
    assert bytes_of(fetched) == bytes_of(data / "published")
    # The DuckDB file says when its tables were made last, and what for.
    once, other = bytes_of(fetched), bytes_of(small.data / "published")
    assert {n for n in {*once, *other} if once.get(n) != other.get(n)} <= {"selfaudit.duckdb"}
