"""The folder of compiled kernels is named by the sources that kernels are made of, and by nothing else."""

from __future__ import annotations

from timecone.numerics import compiled

NAMES = {path.relative_to(compiled._PACKAGE).as_posix() for path in compiled._kernel_files()}


def test_what_kernels_read_is_part_of_the_hash():
    assert {"schema.py", "numerics/compiled.py", "numerics/elementary.py", "results/tally.py"} <= NAMES
    assert {"models/compute/stepped/step.py", "models/compute/hardware.py", "inputs/table.py"} <= NAMES


def test_writers_and_readers_are_not():
    assert not {name for name in NAMES if name.startswith(("results/pages", "cli/", "scenario/", "plots/"))}
    assert "inputs/families/classic.py" not in NAMES


def test_every_module_that_a_kernel_file_imports_is_part_of_it():
    for path in compiled._kernel_files():
        assert {p.relative_to(compiled._PACKAGE).as_posix() for p in compiled._imported(path)} <= NAMES
