"""The rooms of the house, in order: imports point down, and every library stays in its rooms."""

import ast
import graphlib

import pytest
from imports import LATER, NOW, PATHS, TREES, TYPES, foreign, own

from cnncalc.cli.application import COMMANDS
from cnncalc.layers import KINDS, kind

# A module imports its own room, or one that stands above it in this list. Rooms on one line do
# not import each other.
ORDER = (
    {"record", "arithmetic", "version", "synonyms", "display"},
    {"wording"},
    {"errors", "fields"},
    {"definition", "zoo"},
    {"layers"},
    {"readers", "network"},
    {"report", "loading"},
    {"analysis", "exporters"},
    {"studies"},
    {"text"},
    {"pictures"},
    {"cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(ORDER) for room in rooms}
FACE = ("cnncalc", "__main__")


def room(name):
    """The first part of a name; results of every room know how they are displayed."""
    return "display" if name == "report.display" else name.partition(".")[0]


def within(name, *folders):
    return any(name == folder or name.startswith(folder + ".") for folder in folders)


def test_the_reader_of_imports_sees_them():
    assert own("cli.figures") >= {"analysis.analysis", "cli.options", "text.report"}
    assert own("fields.figures", NOW) >= {
        "arithmetic",
        "fields.extent",
        "fields.field",
        "fields.effort",
    }
    assert "network.network" in own("loading")
    assert foreign("readers.yaml_nodes") >= {"yaml"}
    assert "text.table" in own("text.answer", LATER)
    assert "torch" in foreign("loading")


def test_every_room_is_in_the_order():
    assert {room(name) for name in PATHS} - {*FACE} == set(FLOOR)


def test_few_modules_lie_loose():
    assert len([name for name in PATHS if PATHS[name].parent.name == "cnncalc"]) <= 10


@pytest.mark.parametrize("name", [name for name in PATHS if name not in FACE])
def test_imports_point_down(name):
    others = {room(target) for target in own(name)} - {room(name)}
    assert "cnncalc" not in others, "nothing but __main__ imports the face"
    assert not {other for other in others if FLOOR[other] >= FLOOR[room(name)]}


@pytest.mark.parametrize("when", [(NOW,), (NOW, LATER), (NOW, LATER, TYPES)])
def test_nothing_imports_in_a_circle(when):
    graph = {name: own(name, *when) - {name, *FACE} for name in PATHS if name not in FACE}
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_one_place_draws_results_for_notebooks():
    """The one exception to the order: it finds the text room by names in a table."""
    told = [name for name, tree in TREES.items() if "text." in strings(tree)]
    assert told == ["report.display"]


def strings(tree):
    return " ".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value
        if node.value.startswith("..")
    )


FORMATS = [name for name in PATHS if PATHS[name].name == "__init__.py" and name.count(".") == 1]
READERS = [name for name in FORMATS if room(name) == "readers" and name != "readers.tensors"]
EXPORTERS = [name for name in FORMATS if room(name) == "exporters"]


@pytest.mark.parametrize("closed", [*READERS, *EXPORTERS])
def test_no_format_imports_another(closed):
    others = {*READERS, *EXPORTERS} - {closed}
    for name in PATHS:
        if within(name, closed):
            assert not {target for target in own(name) if within(target, *others)}, name


@pytest.mark.parametrize("name", [name for name in PATHS if within(name, "readers.tensors")])
def test_what_traced_formats_share_knows_none_of_them(name):
    assert not {target for target in own(name) if within(target, *READERS)}


# The rooms of every package from elsewhere.
TABLES = ("table", "table_fit", "table_style", "table_picture")
LIBRARIES = {
    "click": ("cli",),
    "rich": tuple(f"text.{each}" for each in ("manual_page", *TABLES)),
    "yaml": ("readers.yaml", "readers.yaml_nodes", "readers.yaml_places"),
    "torch": ("readers.pytorch", "loading"),
    "onnx": ("readers.onnx", "exporters.onnx"),
    "numpy": ("readers.onnx", "exporters.onnx"),
    "matplotlib": ("pictures.plots",),
    "google": ("readers.onnx", "exporters.onnx"),
}


@pytest.mark.parametrize("name", PATHS)
def test_libraries_stay_in_their_rooms(name):
    import sys

    for library in foreign(name) - sys.stdlib_module_names:
        assert library in LIBRARIES, f"{name} imports {library}"
        assert within(name, *LIBRARIES[library]), f"{name} imports {library}"


def test_loading_names_torch_for_types_alone():
    from imports import IMPORTS

    assert {each.when for each in IMPORTS["loading"] if room(each.target) == "torch"} == {TYPES}


CORE = {
    "arithmetic": set(),
    "record": set(),
    "definition.definition": {"record"},
    "fields.window": {"arithmetic", "record"},
    "fields.extent": {"arithmetic"},
    "fields.field": {"arithmetic", "fields.extent", "record", "fields.window"},
}


@pytest.mark.parametrize("name", CORE)
def test_the_core_needs_no_more_than_its_like(name):
    assert own(name) <= CORE[name]


@pytest.mark.parametrize("name", [name for name in PATHS if within(name, "studies")])
def test_a_study_goes_by_one_name_in_every_room(name):
    """studies/X is asked for by cli/X and drawn by text/X."""
    stem = name.split(".")[1] if "." in name else None
    if stem:
        assert f"cli.{stem}" in PATHS
        assert f"text.{stem}" in PATHS or any(p.startswith(f"text.{stem}_") for p in PATHS)


def test_every_command_has_its_module():
    assert {f"cli.{module}" for module in COMMANDS.values()} <= PATHS.keys()


FAMILIES = {entry.partition(".")[0] for entry in KINDS.values()}


@pytest.mark.parametrize("name", [name for name in PATHS if not within(name, "layers")])
def test_no_module_but_its_family_knows_a_kind(name):
    known = {target for target in own(name) if target.removeprefix("layers.") in FAMILIES}
    assert not known, f"{name} imports a family of layers"


# What reads or writes other formats translates kinds by their names.
TRANSLATORS = (
    "layers",
    "readers",
    "exporters.pytorch",
    "exporters.keras",
    "exporters.onnx",
)


@pytest.mark.parametrize("name", [name for name in PATHS if not within(name, *TRANSLATORS)])
def test_nothing_depends_on_a_layer_s_type(name):
    """No comparison of a type with a name of KINDS: a kind answers for itself."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            types = [side for side in sides if ast.unparse(side).split(".")[-1] == "type"]
            words = {
                n.value for side in sides for n in ast.walk(side) if isinstance(n, ast.Constant)
            }
            assert not (types and words & KINDS.keys()), f"{name}:{node.lineno}"


@pytest.mark.parametrize("type_name", KINDS)
def test_a_kind_answers_every_question(type_name):
    """None is left to the base class, which would raise."""
    cls = kind(type_name)
    questions = ("output_shape", "windows", "parameters", "buffers", "macs", "geometry")
    assert hasattr(cls, "divides_gradient"), f"{type_name} does not say how a gradient divides"
    for question in (*questions, "weight_shape"):
        owner = next(base for base in cls.__mro__ if question in vars(base))
        assert owner.__name__ != "Layer", f"{type_name} does not answer {question}"
