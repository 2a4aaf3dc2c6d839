"""The README holds: its commands give the output shown, its lists are the program's own.

A ```yaml, ```prototxt, ```ini or ```python block is a file, named by the comment in its first
line. A ```console block shows commands after `$ ` (and `> ` where one goes on), each with all that
it prints; they run in bash, in a folder with those files. A ```pycon block is a doctest. A block
below `<!-- needs torch -->` is skipped where that package is not installed. Of the ```sh blocks,
those that install are run by .ci/run. The command under test is this checkout's, or the one in the
folder CNNCALC_BIN.
"""

import doctest
import html
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import COMMANDS
from cnncalc.cli.export import EXPORTS
from cnncalc.cli.figures import command
from cnncalc.exporters.yaml import value
from cnncalc.layers import KINDS, kind
from cnncalc.layers.attributes import REQUIRED, Kept
from cnncalc.readers import READERS, SUFFIXES
from cnncalc.readers.yaml import OWN_KEYS, TOP_KEYS
from cnncalc.report.columns import COLUMNS
from cnncalc.studies.check import BUDGETS, RF_OF

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^(?:<!-- needs (\w+) -->\n)?```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE
)
PROSE = re.sub(r"^```\w+\n.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)
FILES = ("yaml", "prototxt", "ini", "python")


def blocks(*languages):
    """Contents of the blocks of some languages."""
    return [content for _, language, content in BLOCKS if language in languages]


def section(heading, text=PROSE):
    """Text below a heading, up to the next one of any level."""
    return re.split(r"^#+ ", text.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]


def table_rows(heading):
    """Cells of the tables below a heading, without their header rows."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    rules = [number for number, row in enumerate(rows) if set("".join(row)) == {"-"}]
    return [
        row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules
    ]


def code_words(text):
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def shown_commands():
    """(command, output, package needed or "") of the console blocks."""
    shown = []
    for needs, language, content in BLOCKS:
        if language != "console":
            continue
        for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            more = 1
            while more < len(lines) and lines[more].startswith("> "):
                more += 1
            script = [lines[0], *(line[2:] for line in lines[1:more])]
            shown.append(("\n".join(script), "\n".join(lines[more:]), needs))
    return shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the README's files."""
    made = tmp_path_factory.mktemp("readme")
    for content in blocks(*FILES):
        file = made / content.splitlines()[0].removeprefix("# ")
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Environment variables with the command under test first in the PATH."""
    found = os.environ.get("CNNCALC_BIN")
    if found is None:
        found = tmp_path_factory.mktemp("bin")
        script = found / "cnncalc"
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cnncalc "$@"\n'
        )
        script.chmod(0o755)
    path = f"{found}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "LC_ALL": "C", "PYTHONUTF8": "1", "COLUMNS": "80"}


def printed(script, folder, environment):
    """Everything that a script prints."""
    return subprocess.run(
        [shutil.which("bash"), "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def has(package):
    """Whether the Python of the command under test has a package."""
    bin_folder = os.environ.get("CNNCALC_BIN")
    python = sys.executable if bin_folder is None else str(Path(bin_folder) / "python")
    found = f"import importlib.util as u, sys; sys.exit(u.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", found], check=False).returncode == 0


@needs_bash
@pytest.mark.parametrize(("script", "output", "needs"), shown_commands())
def test_console_example(script, output, needs, folder, environment):
    if needs and not has(needs):
        pytest.skip(f"{needs} is not installed")
    assert printed(script, folder, environment).rstrip("\n") == output.rstrip("\n")


@pytest.mark.parametrize("number", range(len(blocks("pycon"))))
def test_python_example(number, folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = {}
    examples = [(needs, content) for needs, language, content in BLOCKS if language == "pycon"]
    for needs, content in examples[: number + 1]:
        if needs and importlib.util.find_spec(needs) is None:
            if content == examples[number][1]:
                pytest.skip(f"{needs} is not installed")
            continue
        example = doctest.DocTestParser().get_doctest(content, names, "README", "README.md", 0)
        result = doctest.DocTestRunner().run(example, clear_globs=False)
        names = example.globs
    assert result.attempted
    assert not result.failed


@needs_bash
def test_shell_completion(folder, environment):
    line = re.search(r"^```sh\n(.*?)^```$", section("Shell completion", TEXT), re.M | re.S)[1]
    words = 'COMP_WORDS="cnncalc rf vgg1" COMP_CWORD=2 _CNNCALC_COMPLETE=bash_complete cnncalc'
    output = printed(f"{line}\ncomplete -p cnncalc\n{words}", folder, environment)
    assert "complete -o nosort -F" in output
    assert "plain,vgg16" in output.splitlines()


def test_files_have_names():
    for content in blocks(*FILES):
        assert re.match(r"# [\w/]+\.(yaml|prototxt|cfg|py)\n", content)


@needs_bash
def test_diagram(folder, environment):
    (diagram,) = blocks("mermaid")
    script = next(words for words in code_words(section("export")) if "--to mermaid" in words)
    assert printed(script, folder, environment) == diagram


def test_links_lead_somewhere():
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        if link.startswith("#"):
            assert link[1:] in anchors
        elif not link.startswith("https://"):
            assert (ROOT / link).is_file()


def test_built_in_networks():
    listed = re.findall(
        r"^- \*\*(\w+)\*\*:(.*?)(?=^- |\Z)", section("Built-in networks"), re.M | re.S
    )
    assert [(name, family) for family, names in listed for name in code_words(names)] == (
        zoo.by_family()
    )


def declared(name):
    """A type's attributes as the table of layer types has them, but those that change no figure."""
    shown = []
    for attribute in kind(name).attributes.values():
        if isinstance(attribute, Kept):
            continue
        if attribute.default is REQUIRED:
            shown.append(attribute.name)
        else:
            default = "?" if attribute.default is None else value(attribute.default)
            shown.append(f"{attribute.name}={default}")
    return sorted(shown) or [""]


def test_layer_types():
    rows = table_rows("Layer types")
    documented = {
        name: sorted("".join(code_words(attributes)).split(", "))
        for names, attributes, *_ in rows
        for name in code_words(names)
    }
    assert documented == {name: declared(name) for name in KINDS}


def test_attributes_without_effect():
    text = section("Layer types").partition("change no figure")[2].partition("\n\n")[0]
    kept = {
        attribute.name
        for name in KINDS
        for attribute in kind(name).attributes.values()
        if isinstance(attribute, Kept)
    }
    assert set(code_words(text)) == kept


def test_keys_of_definitions():
    keys = [key for row in table_rows("Definition files") for key in code_words(row[0])]
    assert sorted(keys) == sorted([*TOP_KEYS, *OWN_KEYS])


def test_table_of_commands():
    documented = [row[0].partition("]")[0].strip("[`") for row in table_rows("Commands")]
    assert sorted(documented) == sorted(COMMANDS)


def test_budgets():
    text = section("check").partition("The keys of `budgets`")[2].partition(",\nthe layer")[0]
    keys = [word for word in code_words(text) if word in BUDGETS or word == RF_OF]
    assert sorted(keys) == sorted([*BUDGETS, RF_OF])


def test_formats_that_are_read():
    rows = table_rows("Bring your model")
    suffixes = {
        suffix: code_words(reader)[0]
        for _, found, reader, _ in rows
        for suffix in code_words(found)
        if suffix.startswith(".")
    }
    assert suffixes == SUFFIXES
    assert {code_words(reader)[0] for _, _, reader, _ in rows} == set(READERS)


def test_formats_that_are_written():
    targets = re.findall(r"--to (\w+)", section("export"))
    assert set(targets) == set(EXPORTS)


def test_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    documented = re.findall(r"extra `(\w+)`", section("Bring your model"))
    assert sorted(documented) == sorted(set(project["optional-dependencies"]) - {"dev"})


def test_functions():
    rows = table_rows("Python")
    functions = [name for name in cnncalc.__all__ if name.islower() and name.strip("_") == name]
    assert sorted(name for row in rows for name in code_words(row[0])) == sorted(functions)


def test_commands():
    documented = [row[0].strip("`") for row in table_rows("shape, rf, params, flops, summary")]
    commands = [name for name in documented if not name.startswith("-")]
    assert commands == [name for name in COMMANDS if COMMANDS[name] == "figures"]


def test_options():
    documented = {
        word.split()[0]
        for row in table_rows("shape, rf, params, flops, summary")
        for word in code_words(" ".join(row))
        if word.startswith("-")
    }
    assert documented <= {opt for option in command("summary").params for opt in option.opts}


def test_columns():
    text = section("Formats").partition("takes any of")[2].partition(";")[0]
    assert sorted(code_words(text)) == sorted(COLUMNS)


def test_picture_shows_the_table(environment, folder):
    picture = (ROOT / "tests" / "data" / "vgg16.svg").read_text(encoding="utf-8")
    texts = re.findall(r'<text[^>]*clip-path="url\(#\S+-line-(\d+)\)">(.*?)</text>', picture)
    lines = {}
    for number, text in texts:
        lines.setdefault(int(number), []).extend(html.unescape(text).split())
    shown = [lines[number] for number in sorted(lines) if lines[number]]
    table = printed("cnncalc rf vgg16", folder, environment)
    expected = ["$ cnncalc rf vgg16", *table.splitlines()]
    assert shown == [line.split() for line in expected if line]
