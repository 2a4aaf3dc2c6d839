"""The JSON Schema of definitions against the loader: what it accepts, and what it refuses."""

import itertools
import json
import random
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from damaged_definitions import damaged

import cnncalc
from cnncalc import zoo
from cnncalc.errors import CnncalcError
from cnncalc.layers import KINDS, kind
from cnncalc.layers.schema import attribute_schema
from cnncalc.text.schema import schema

DATA = Path(__file__).parent.parent / "data"
ACCEPTED = sorted((DATA / "accepted").glob("*.yaml"))
PLAIN = sorted(set((DATA / "rejected").glob("key_*.yaml")) - {DATA / "rejected" / "key_merge.yaml"})
VALIDATOR = jsonschema.Draft202012Validator(schema())
# The loader's refusals that are about keys or types of one value; of the others it is no matter.
OF_KEYS_OR_TYPES = re.compile(
    r"unknown key|unknown type|is missing|must be|takes a value|needs (?!an input|\d)|"
    r"a layer is a mapping|a layer needs a type|layers is empty|names nothing|the short form is"
)
# What one file cannot show: block arguments and axes, the input's number of them, bounds taken
# together.
BEYOND = re.compile(r"has no argument|needs '|one per axis \(|it needs an input|block ")


class Loader(yaml.SafeLoader):
    """YAML as editors read it, to JSON: a date stays text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def tree(text):
    """What an editor validates: keys are texts, as in JSON."""
    return json.loads(json.dumps(yaml.load(text, Loader)))


def refused(text):
    """The schema's first complaint."""
    return next(iter(VALIDATOR.iter_errors(tree(text))), None)


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
    json.dumps(schema())


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_definitions_of_the_tests(path):
    assert refused(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("name", zoo.names())
def test_built_in_networks(name):
    assert refused(Path(zoo.path(name)).read_text(encoding="utf-8")) is None


def test_files_of_blocks_alone():
    for path in Path(zoo.folder()).rglob("blocks/*.yaml"):
        assert refused(path.read_text(encoding="utf-8")) is None
    assert refused("include: [a.yaml]\ndefaults: {conv: {bias: false}}\n") is None
    assert refused("layers: [relu]\n") is not None
    assert refused("input: [3, 8, 8]\n") is not None


@pytest.mark.parametrize("name", KINDS)
def test_defaults_of_every_attribute(name):
    for attribute, declared in kind(name).attributes.items():
        has_default = "default" in attribute_schema(declared)
        assert has_default == (repr(declared.default) not in ("required", "None")), attribute
        if has_default:
            text = json.dumps(
                {"input": [3, 8, 8], "defaults": {name: {attribute: declared.default}}}
            )
            assert refused(text[:-1] + ', "layers": ["relu"]}') is None


def damages(count):
    """Damaged texts of the small definitions, the same at every run."""
    chance = random.Random(11)
    paths = [path for path in ACCEPTED if path.stat().st_size < 2000]
    for path in itertools.islice(itertools.cycle(paths), count):
        try:
            text = yaml.safe_dump(damaged(tree(path.read_text(encoding="utf-8")), chance))
            yield path, text, tree(text)
        except (yaml.YAMLError, TypeError):
            continue


def test_damaged_definitions(monkeypatch):
    monkeypatch.chdir(DATA / "accepted")
    found = missed = taken = 0
    wrong = []
    for _, text, instance in damages(3000):
        complaint = next(iter(VALIDATOR.iter_errors(instance)), None)
        try:
            cnncalc.analyze(cnncalc.loads(text))
        except CnncalcError as error:
            told = str(error)
            if OF_KEYS_OR_TYPES.search(told) and not BEYOND.search(told):
                found += complaint is not None
                missed += complaint is None
                if complaint is None:
                    print(told)
        else:
            taken += 1
            if complaint is not None:
                wrong.append((text, complaint.message))
    assert not wrong, f"{len(wrong)}: {wrong[0]}"
    assert taken > 300 and found > 900
    assert missed <= found / 9
