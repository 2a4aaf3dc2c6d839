"""Names and sizes: one name for one thing, functions called by what they give or do."""

import ast
import re
from collections import defaultdict

import pytest
from imports import PATHS, TREES

LONGEST_MODULE, LONGEST_FUNCTION = 350, 60
IRREGULAR = (
    "told made found given meant kept shown written built drawn seen lost left taken known grown "
    "held sent gone bound brought caught chosen done hidden laid led paid said sold thought torn"
)
# Nouns that look like participles, and the field's term for what a gate is in.
NO_PARTICIPLES = {"need", "seed", "speed", "red", "embed", "feed", "gated"}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def is_participle(name):
    word = name.strip("_")
    return (word.endswith("ed") and "_" not in word and word not in NO_PARTICIPLES) or (
        word in IRREGULAR.split()
    )


def test_participles_are_told_from_nouns():
    assert all(map(is_participle, ["_told", "joined", "_written", "shown", "_merged"]))
    assert not any(map(is_participle, ["dilated_kernel", "embed", "rows", "read", "output_shape"]))


@pytest.mark.parametrize("name", PATHS)
def test_functions_are_called_by_nouns_or_verbs(name):
    assert [node.name for node in functions(TREES[name]) if is_participle(node.name)] == []


def test_a_class_name_stands_for_one_class():
    homes = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


@pytest.mark.parametrize("name", PATHS)
def test_modules_and_functions_are_short(name):
    assert len(PATHS[name].read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    for node in functions(TREES[name]):
        assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("name", PATHS)
def test_private_names_stay_in_their_module(name):
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom) and node.level:
            private = [alias.name for alias in node.names if re.match(r"_[a-z]", alias.name)]
            assert not private, f"{name} imports {private}"
