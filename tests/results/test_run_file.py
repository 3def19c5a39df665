"""Run files: read back bit for bit, written whole or not at all, refused in one line."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
import pytest
import xarray as xr

import timecone as tc
from edited_file import edited
from refusals import refused
from small_scenario import content
from timecone import hdf5
from timecone.errors import OutputError, RunFileError
from timecone.results.run_file import checksum
from timecone.scenario.file import parse
from timecone.schema import GROUPS, SCHEMA_VERSION


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    run = tc.simulate(parse(content()), draws=500, seed=7, threads=1, paths=5)
    return tc.save_run(run, tmp_path_factory.mktemp("saved") / "run.nc").read_bytes()


@pytest.fixture
def path(saved: bytes, tmp_path: Path) -> Path:
    """Return a run file to be damaged."""
    (tmp_path / "run.nc").write_bytes(saved)
    return tmp_path / "run.nc"


def _bits(variable: xr.Variable) -> bytes:
    values = variable.values
    return "\0".join(map(str, values.ravel())).encode() if values.dtype.kind in "OUT" else values.tobytes()


@pytest.mark.slow
def test_a_run_is_read_back_bit_for_bit(small_run: xr.DataTree, tmp_path: Path) -> None:
    again = tc.open_run(tc.save_run(small_run, tmp_path / "run.nc"))
    assert set(again.children) == set(small_run.children) == set(GROUPS)
    assert dict(again.attrs) == dict(small_run.attrs)
    for group in GROUPS:
        before, after = small_run[group].dataset, again[group].dataset
        assert list(after.variables) == list(before.variables)
        assert set(after.coords) == set(before.coords)
        assert dict(after.sizes) == dict(before.sizes)
        assert dict(after.attrs) == dict(before.attrs)
        for name, variable in before.variables.items():
            stored = after.variables[name]
            assert stored.dims == variable.dims, name
            if variable.dtype.kind in "fiu":
                assert stored.dtype == variable.dtype, name
            assert _bits(stored) == _bits(variable), name
            assert set(stored.attrs) == set(variable.attrs), name
            for key, value in variable.attrs.items():
                np.testing.assert_array_equal(stored.attrs[key], value, err_msg=f"{name}.{key}")


@pytest.mark.slow
def test_a_run_opened_and_saved_again_is_the_same(small_run: xr.DataTree, tmp_path: Path) -> None:
    once = tc.open_run(tc.save_run(small_run, tmp_path / "once.nc"))
    twice = tc.open_run(tc.save_run(once, tmp_path / "twice.nc"))
    xr.testing.assert_identical(twice, once)


@pytest.mark.slow
def test_an_open_run_does_not_hold_its_file(small_run: xr.DataTree, tmp_path: Path) -> None:
    path = tc.save_run(small_run, tmp_path / "run.nc")
    run = tc.open_run(path)
    path.unlink()
    assert tc.percentiles(run, "tai", [50]).identical(tc.percentiles(small_run, "tai", [50]))


@pytest.mark.slow
def test_infinities_and_their_percentiles_survive(small_run: xr.DataTree, tmp_path: Path) -> None:
    again = tc.open_run(tc.save_run(small_run, tmp_path / "run.nc"))
    arrival = small_run["outcomes"]["arrival"].values
    assert np.isposinf(arrival).any()
    np.testing.assert_array_equal(np.isposinf(again["outcomes"]["arrival"].values), np.isposinf(arrival))
    before, after = (tc.percentiles(run, "tai", [5, 50, 95]) for run in (small_run, again))
    np.testing.assert_array_equal(after.values, before.values)


@pytest.mark.slow
def test_missing_folders_are_made(small_run: xr.DataTree, tmp_path: Path) -> None:
    path = tc.save_run(small_run, tmp_path / "a" / "b" / "run.nc")
    assert path.is_file()
    assert [p.name for p in path.parent.iterdir()] == ["run.nc"]


def _refused(path: Path, code: str, **parts: Any) -> RunFileError:
    with refused(code, str(path), **parts) as caught:
        tc.open_run(path)
    assert isinstance(caught.value, RunFileError)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path / "none.nc", "no-such-file")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path, "no-such-file")


def test_a_netcdf_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.nc"
    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(path, engine="h5netcdf")
    _refused(path, "not-a-run")


def test_a_netcdf_3_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "classic.nc"
    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(path, engine="scipy")
    _refused(path, "not-netcdf")


def test_a_file_with_a_time_axis_of_its_own_is_refused(tmp_path: Path) -> None:
    # Its units would not decode; the reader must get as far as saying what the file is.
    path = tmp_path / "other.nc"
    time = ("time", np.arange(3.0), {"units": "years since -5000-99-99", "calendar": "none"})
    xr.Dataset(coords={"time": time}).to_netcdf(path, engine="h5netcdf")
    _refused(path, "not-a-run")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(path: Path, saved: bytes, share: float) -> None:
    path.write_bytes(saved[: int(share * len(saved))])
    _refused(path, "not-netcdf")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 0.98])
def test_a_damaged_file_is_refused_before_it_is_read(path: Path, saved: bytes, share: float) -> None:
    # Zeros within its structure can keep the HDF5 library busy for ever.
    damaged, start = bytearray(saved), int(share * len(saved))
    end = min(start + 4096, len(saved) - 40)
    damaged[start:end] = bytes(end - start)
    assert damaged != saved
    path.write_bytes(damaged)
    _refused(path, "checksum-mismatch")


@pytest.mark.slow
def test_the_digest_is_in_nobodys_way(path: Path, saved: bytes) -> None:
    path.write_bytes(saved)
    with xr.open_datatree(path, engine="h5netcdf", decode_times=False) as other:
        assert other.attrs["run_id"] == tc.open_run(path).attrs["run_id"]
    # What another program has changed bears none.
    with h5py.File(path, "r+") as file:
        file.attrs["remark"] = "seen"
    assert tc.open_run(path).attrs["remark"] == "seen"


def test_a_text_file_is_refused(baseline_file: Path) -> None:
    _refused(baseline_file, "not-netcdf")


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, SCHEMA_VERSION - 2, 0, "one"])
def test_another_schema_version_is_refused(path: Path, version: object) -> None:
    with edited(path) as file:
        file.attrs["schema_version"] = version
    _refused(path, "run-format-version", got=version)


@pytest.mark.parametrize("group", GROUPS)
def test_a_missing_group_is_named(path: Path, group: str) -> None:
    with edited(path) as file:
        del file[group]
    _refused(path, "run-lacks-group", got=group)


@pytest.mark.parametrize(
    "attribute", ["run_id", "draws", "seed", "start", "horizon", "scenario", "conditions", "name"]
)
def test_a_missing_attribute_is_named(path: Path, attribute: str) -> None:
    # Each of these is read without a default by a table, a figure or the command line.
    with edited(path) as file:
        del file.attrs[attribute]
    _refused(path, "run-lacks-attribute", got=attribute)


@pytest.mark.slow
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_older_file(
    small_run: xr.DataTree, path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    before = path.read_bytes()
    write = os.write

    def fail(descriptor: int, content: bytes) -> NoReturn:
        write(descriptor, content[:1000])
        raise failure

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
        tc.save_run(small_run, path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["run.nc"]
    if isinstance(failure, OSError):
        assert caught.value.code == "unwritable-file"
        assert "the disk is full" in caught.value.what
        assert caught.value.where == str(path)


@pytest.mark.slow
def test_a_reader_never_sees_a_part_of_the_new_file(
    small_run: xr.DataTree, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    seen: set[bytes] = set()
    write = os.write

    def watched(descriptor: int, content: bytes) -> int:
        seen.add(path.read_bytes())
        count = write(descriptor, content[: len(content) // 2 + 1])
        seen.add(path.read_bytes())
        return count

    monkeypatch.setattr(os, "write", watched)
    changed = small_run.copy()
    changed.attrs["title"] = "another"
    tc.save_run(changed, path)
    monkeypatch.undo()
    assert seen == {before}
    assert tc.open_run(path).attrs["title"] == "another"


@pytest.mark.slow
def test_a_place_that_cannot_be_written_to_is_one_line(small_run: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with refused("unwritable-file", str(tmp_path / "file" / "run.nc")):
        tc.save_run(small_run, tmp_path / "file" / "run.nc")


@pytest.mark.slow
def test_a_file_without_a_digest_that_is_never_read_to_its_end_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What hangs stands for an altered file that keeps the library busy.
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 40)
    assert tc.open_run(path).attrs["draws"]
    monkeypatch.setattr(hdf5, "SECONDS", 1.0)
    monkeypatch.setattr(hdf5, "_READ", "while True: pass")
    assert "not read within" in _refused(path, "not-netcdf").what


def test_a_file_without_a_digest_that_ends_the_reader_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 40)
    monkeypatch.setattr(hdf5, "_READ", "import os; os.abort()")
    assert "ends the process" in _refused(path, "not-netcdf").what


def test_a_file_that_is_replaced_while_it_is_checked_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, newer = tmp_path / "run.nc", tmp_path / "newer.nc"
    path.write_bytes(checksum.with_checksum(b"older content"))
    newer.write_bytes(checksum.with_checksum(b"the content of a newer and longer file"))
    plain = hashlib.blake2b

    def replacing(*args: bytes, digest_size: int) -> Any:
        # At the moment at which the digest is computed the path begins to name the newer file.
        if newer.exists():
            newer.replace(path)
        return plain(*args, digest_size=digest_size)

    monkeypatch.setattr(checksum.hashlib, "blake2b", replacing)
    checksum.require_intact(path)
    assert not newer.exists()
