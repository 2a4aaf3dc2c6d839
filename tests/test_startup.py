"""What starts quickly stays so: what a command loads, and what it leaves alone."""

import subprocess
import sys

import pytest
from imports import PACKAGE


def loaded_by(code, before=""):
    """The modules that code loads in a process of its own, beside those loaded before it."""
    script = (
        f"import sys, os\n{before}\nknown = set(sys.modules)\n{code}\n"
        "sys.stderr.write(' '.join(set(sys.modules) - known))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parent), "PATH": ""},
    )
    return set(done.stderr.split())


def test_the_library_loads_no_command_line_and_no_parser():
    loaded = loaded_by("import cnncalc\ncnncalc.analyze")
    assert "cnncalc.analysis.analysis" in loaded
    assert not loaded & {"click", "rich", "yaml", "json", "dataclasses", "fractions", "torch"}


SLOW = {
    *("dataclasses", "fractions", "decimal", "json", "csv", "pathlib", "rich", "torch", "numpy"),
    *("importlib.metadata", "tempfile", "shutil", "subprocess", "logging", "asyncio", "difflib"),
}


@pytest.mark.parametrize("command", ["rf", "shape", "params", "flops", "summary"])
def test_csv_loads_little_beside_click_and_yaml(command):
    code = f"assert run(['{command}', 'vgg16', '--csv']) == 0"
    loaded = loaded_by(
        f"from cnncalc.cli.application import run\n{code}", before="import click, yaml"
    )
    assert "cnncalc.text.delimited" in loaded
    assert not loaded & SLOW
    assert not [name for name in loaded if name.startswith("cnncalc.text.table")]


def test_a_table_loads_rich_and_no_other_command():
    loaded = loaded_by(
        "from cnncalc.cli.application import run\nassert run(['rf', 'vgg16']) == 0",
        before="import click, yaml, rich.console, rich.table",
    )
    assert "cnncalc.text.table" in loaded
    assert not loaded & SLOW
    assert not loaded & {"cnncalc.cli.catalogue", "cnncalc.text.markdown"}


def test_only_the_families_that_a_network_uses_are_loaded():
    loaded = loaded_by("import cnncalc\ncnncalc.loads('name: t\\ninput: [1, 8]\\nlayers: [relu]')")
    assert "cnncalc.layers.activation" in loaded
    assert not loaded & {"cnncalc.layers.resize", "cnncalc.layers.pooling"}
