"""Imports point along the flow of data, and what starts quickly stays so."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.layers import KINDS, kind

PACKAGE = Path(cnncalc.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


class Import(NamedTuple):
    """An import: what is imported, and whether already where the module itself is."""

    target: str
    at_import: bool


def module_name(path):
    """`layers.base` for cnncalc/layers/base.py; a package goes by its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "cnncalc"


NAMES = {module_name(path): path for path in MODULES}


def for_types_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(path):
    """Every import of a module but those for types; targets inside cnncalc without its name."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path.parent / "_")
    package = [] if package in ("cnncalc", "_") else package.split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = []

    def visit(node, at_import):
        for child in ast.iter_child_nodes(node):
            if for_types_only(child):
                continue
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, at_import) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                found.extend(resolved(child, at_import))
            inside = isinstance(child, (ast.FunctionDef, ast.Lambda))
            visit(child, at_import and not inside)

    def resolved(node, at_import):
        base = package[: len(package) - node.level + 1] if node.level else []
        stem = [*base, *(node.module or "").split(".")] if node.module else base
        for alias in node.names:
            full = ".".join([*stem, alias.name])
            yield Import(full if node.level and full in NAMES else ".".join(stem), at_import)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


IMPORTS = {name: imports(path) for name, path in NAMES.items()}


def own(name, at_import=False):
    """The modules of cnncalc that one imports."""
    return {
        each.target
        for each in IMPORTS[name]
        if each.target in NAMES and (each.at_import or not at_import)
    }


def foreign(name):
    """The top-level packages from elsewhere that a module imports, now or later."""
    return {each.target.partition(".")[0] for each in IMPORTS[name] if each.target not in NAMES} - {
        ""
    }


def within(name, *folders):
    return any(name == folder or name.startswith(folder + ".") for folder in folders)


def test_the_reader_of_imports_sees_them():
    assert own("cli.figures") >= {
        "analysis.analysis",
        "report.columns",
        "cli.options",
        "text.table",
    }
    assert own("fields.field", at_import=True) >= {
        "arithmetic",
        "fields.extent",
        "record",
        "fields.window",
    }
    assert "cnncalc" not in own("loading")
    assert foreign("readers.yaml_nodes") >= {"yaml"}


@pytest.mark.parametrize("name", NAMES)
def test_libraries_stay_where_they_belong(name):
    allowed = {
        "click": within(name, "cli"),
        "rich": name.startswith("text.table"),
        "yaml": name.startswith("readers.yaml"),
        "torch": name.startswith("readers.pytorch"),
    }
    for library in foreign(name) & allowed.keys():
        assert allowed[library], f"{name} imports {library}"


EXACT = {
    "arithmetic": set(),
    "record": set(),
    "definition.definition": {"record"},
    "fields.window": {"arithmetic", "record"},
    "fields.extent": {"arithmetic"},
    "fields.field": {"arithmetic", "fields.extent", "record", "fields.window"},
}


@pytest.mark.parametrize("name", EXACT)
def test_the_core_needs_no_more_than_its_like(name):
    assert own(name) <= EXACT[name]


# A module imports its own room or one of a lower floor.
FLOORS = (
    {"arithmetic", "record", "version"},
    {"wording"},
    {"errors", "fields"},
    {"definition", "zoo"},
    {"layers"},
    {"readers", "network"},
    {"report", "loading", "modules"},
    {"analysis", "exporters"},
    {"studies"},
    {"text"},
    {"cli"},
)
ROOM = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
YET = {"report.report": "text"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("cnncalc", "__main__")])
def test_imports_point_down(name):
    here = name.partition(".")[0]
    others = {target.partition(".")[0] for target in own(name)} - {here, "cnncalc"}
    assert not {room for room in others if ROOM[room] >= ROOM[here]} - {YET.get(name)}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_command_line_knows_itself(name):
    if not within(name, "cli", "__main__"):
        assert not {target for target in own(name) if within(target, "cli")}


def test_nothing_imports_in_a_circle():
    graph = {name: own(name, at_import=True) - {name} for name in NAMES}
    graph["cnncalc"] = set()
    assert list(graphlib.TopologicalSorter(graph).static_order())


FAMILIES = {entry.partition(".")[0] for entry in KINDS.values()}


@pytest.mark.parametrize("name", [name for name in NAMES if not within(name, "layers")])
def test_no_module_but_its_family_knows_a_kind(name):
    known = {target for target in own(name) if target.removeprefix("layers.") in FAMILIES}
    assert not known, f"{name} imports a family of layers"


# What reads or writes other formats translates kinds by their names.
TRANSLATORS = (
    "layers",
    "readers",
    "exporters.export",
    "exporters.pytorch",
    "exporters.keras",
    "exporters.onnx",
)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(TRANSLATORS)])
def test_nothing_depends_on_a_layer_s_type(name):
    """No comparison of a type with a name of KINDS: a kind answers for itself."""
    for node in ast.walk(ast.parse(NAMES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            named = [side for side in sides if ast.unparse(side).split(".")[-1] == "type"]
            told = {
                n.value for side in sides for n in ast.walk(side) if isinstance(n, ast.Constant)
            }
            assert not (named and told & KINDS.keys()), f"{name}:{node.lineno}"


@pytest.mark.parametrize("type_name", KINDS)
def test_a_kind_answers_every_question(type_name):
    """None is left to the base class, which would raise."""
    cls = kind(type_name)
    questions = ("output_shape", "windows", "parameters", "buffers", "macs", "geometry")
    for question in (*questions, "weight_shape"):
        owner = next(base for base in cls.__mro__ if question in vars(base))
        assert owner.__name__ != "Layer", f"{type_name} does not answer {question}"


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
    loaded = loaded_by("import cnncalc")
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
    assert not loaded & {"cnncalc.cli.catalogue", "cnncalc.text.json"}


def test_only_the_families_that_a_network_uses_are_loaded():
    loaded = loaded_by("import cnncalc\ncnncalc.loads('name: t\\ninput: [1, 8]\\nlayers: [relu]')")
    assert "cnncalc.layers.activation" in loaded
    assert not loaded & {"cnncalc.layers.resize", "cnncalc.layers.pooling"}
