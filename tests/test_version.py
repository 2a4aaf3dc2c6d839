"""One version, without tags: that of --version, of the CHANGELOG and of the built package."""

import re
import tomllib
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path

from cnncalc.cli.application import run
from cnncalc.version import __version__

ROOT = Path(__file__).parent.parent
HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)


def test_the_command_tells_it():
    out = StringIO()
    with redirect_stdout(out):
        assert run(["--version"]) == 0
    assert out.getvalue() == f"cnncalc {__version__}\n"


def test_it_is_the_last_one_of_the_changelog():
    (unreleased, _), *released = HEADING.findall((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert unreleased == "Unreleased"
    assert released[0][0] == __version__
    days = [date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)


def test_the_package_has_it_from_the_same_file():
    """.ci/run compares what is built and installed."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in pyproject["project"]["dynamic"]
    assert pyproject["tool"]["hatch"]["version"] == {"path": "cnncalc/version.py"}
