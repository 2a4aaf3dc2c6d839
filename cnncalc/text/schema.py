"""The JSON Schema of definitions, made from the layer kinds: what an editor completes and checks.

JSON Schema 2020-12. It holds for what one file shows: what a `$…` stands for, what an included
file defines and whether a name is given are left to the loader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..definition.budgets import BUDGETS, BYTE_FACTORS, FACTORS, MEMORY_BUDGETS, RF_OF
from ..definition.definition import OWN_KEYS
from ..definition.shape import MOST_AXES
from ..layers import KINDS, kind
from ..layers.attributes import REQUIRED
from ..layers.schema import (
    NULL,
    Schema,
    any_of,
    attribute_schema,
    list_of,
    or_expression,
    reference,
    whole,
)
from ..readers.yaml import LONGEST_TEXT, TRIPLE
from .manual import find_section

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FLAGS = ("true", "false", "yes", "no", "on", "off")
SHAPE_TEXT = r"^ *([0-9]+|\?|null) *([xX×] *([0-9]+|\?|null) *)*$"
IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
OTHER_KEYS: Schema = {"additionalProperties": False}


def schema() -> Schema:
    """The whole document."""
    return {
        "$schema": DIALECT,
        "title": "cnncalc definition",
        "description": "A network of layers, or blocks for other files to include.",
        "type": "object",
        "minProperties": 1,
        "properties": _top_keys(),
        **OTHER_KEYS,
        **any_of(
            {"required": ["input", "layers"]},
            {"properties": {"input": False, "layers": False}},
        ),
        "allOf": [
            _unless(["blocks", "include"], _on_layers(reference("known"))),
            _unless(["defaults"], _on_layers(reference("complete"))),
        ],
        "$defs": {**_words(), **_layers(), **{_key(name): _kind(name) for name in KINDS}},
    }


def _about(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _unless(keys: list[str], schema: Schema) -> Schema:
    """What holds where the file has none of some keys."""
    has_one = any_of(*({"required": [key]} for key in keys))
    return {"if": {"not": has_one}, "then": schema}


def _on_layers(each: Schema) -> Schema:
    """What holds for every layer, in blocks too."""
    layers = {"properties": {"layers": {"items": each}}}
    blocks = {"additionalProperties": layers}
    return {"properties": {**layers["properties"], "blocks": blocks}}


def _either(condition: Schema, yes: Schema, no: Schema | bool = True) -> Schema:
    return {"if": condition, "then": yes, "else": no}


def _mapping(properties: Schema, **others: Any) -> Schema:
    """A mapping, which may be left empty."""
    return {"type": ["object", "null"], "properties": properties, **others}


def _words() -> dict[str, Schema]:
    """What the other definitions are put together from."""
    words = "|".join("".join(f"[{one.upper()}{one}]" for one in word) for word in FLAGS)
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    row = {"type": "array", "items": {"type": [*scalar["type"], "null"]}}
    plain = any_of({"type": [*scalar["type"], "null"]}, row)
    return {
        "expression": {
            "type": "string",
            "pattern": "^\\$",
            "description": "An argument, $name, or an expression of arguments, $(16 * widen).",
        },
        "scalar": scalar,
        # YAML 1.1 reads all six words as true or false, 1.2 but two; definitions take them all.
        "flag": any_of({"type": "boolean"}, {"type": "string", "pattern": f"^({words})$"}),
        "name": {**scalar, "minLength": 1, "maxLength": LONGEST_TEXT},
        "names": any_of(
            reference("name"), {"type": "array", "items": reference("name"), "minItems": 1}
        ),
        "value": any_of(plain, {"type": "array", "items": plain}),
        "shape": any_of(
            list_of(any_of(whole(1, 10**18), NULL), 2, MOST_AXES + 1),
            {"type": "string", "pattern": SHAPE_TEXT},
            reference("expression"),
        ),
        "args": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": IDENTIFIER},
            "additionalProperties": reference("value"),
        },
    }


def _top_keys() -> dict[str, Schema]:
    vector = list_of(any_of(whole(1, 10**18), NULL), 1, MOST_AXES + 1)
    inputs = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": any_of(vector, whole(1, 10**18), reference("shape")),
    }
    return {
        "name": _about(reference("name"), "Its name; else the file's, without the suffix."),
        "description": reference("scalar"),
        "source": _about(reference("scalar"), "The paper or code that it follows."),
        "input": _about(
            any_of(reference("shape"), inputs),
            "[channels, *axes], as in [3, 224, 224], null where unknown; or inputs by name.",
        ),
        "layers": _layer_list(),
        "args": _about(reference("args"), "Arguments with their defaults; --set overrides."),
        "defaults": _about(_defaults(), "Attributes of every layer of a type in this file."),
        "blocks": _mapping(
            {},
            additionalProperties=reference("block"),
            description="Layers under a name that serves as a type.",
        ),
        "include": _about(reference("names"), "Files whose blocks are taken over."),
        "budgets": _about(_budgets(), "Bounds that `cnncalc check` holds it to."),
    }


def _layer_list() -> Schema:
    return {
        "type": "array",
        "items": reference("layer"),
        "minItems": 1,
        "description": "Its layers, each reading the one before unless `from` says otherwise.",
    }


def _budgets() -> Schema:
    def number(factors: Iterable[str]) -> Schema:
        text = rf"^([0-9]+(\.[0-9]+)?({'|'.join(factors)})?|\+[0-9]+(\.[0-9]+)?%)$"
        plain: Schema = {"type": "integer", "minimum": 0}
        return or_expression(any_of(plain, {"type": "string", "pattern": text}))

    of_bytes, others = number(BYTE_FACTORS), number(FACTORS)
    bounds = {name: of_bytes if name in MEMORY_BUDGETS else others for name in BUDGETS}
    return _mapping({**bounds, RF_OF: {"type": ["string", "integer"]}}, **OTHER_KEYS)


def _defaults() -> Schema:
    return _mapping(
        {name: _mapping(_references(name), **OTHER_KEYS) for name in KINDS}, **OTHER_KEYS
    )


def _references(name: str) -> dict[str, Schema]:
    """A kind's attributes, as what is reference of its layers."""
    return {key: reference(f"{_key(name)}/properties/{key}") for key in kind(name).attributes}


def _key(name: str) -> str:
    """What the document calls the definition of a kind."""
    return f"type.{name}"


def _attributes(name: str) -> dict[str, Schema]:
    return {key: attribute_schema(each) for key, each in kind(name).attributes.items()}


def _own_keys() -> dict[str, Schema]:
    """The keys of every layer, whatever its type."""
    return {
        "name": _about(reference("name"), "Its name; else its type and a number."),
        "from": _about(reference("names"), "What it reads; else the layer listed before."),
        "repeat": _about(
            or_expression(whole(0, 10**9)), "How often, each copy reading the one before."
        ),
        "when": _about(or_expression(reference("flag")), "Whether it is there."),
        "shares": _about(reference("name"), "The layer whose parameters it uses."),
    }


def _kind(name: str) -> Schema:
    """A layer of a type."""
    properties = {"type": True, **dict.fromkeys(_own_keys(), True), **_attributes(name)}
    return {"description": _description(name), "properties": properties, **OTHER_KEYS}


def _description(name: str) -> str:
    """What the kind is, and its formulas, as the manual's page has them."""
    told = " ".join((kind(name).__doc__ or "").split())
    section = find_section("layers", name) or ""
    formulas = [
        line.removeprefix("- ").replace("`", "")
        for line in section.splitlines()
        if line.startswith("- ") and not line.startswith("- attributes: ") and section[:4] == "### "
    ]
    return "\n".join([told, *formulas])


def _of_type(*names: str) -> Schema:
    """A layer of one of some types."""
    return {"properties": {"type": {"enum": list(names)}}, "required": ["type"]}


def _layers() -> dict[str, Schema]:
    """A layer and a block; what types a file without blocks knows, and what layers then need."""
    a_type = any_of({"enum": list(KINDS)}, reference("name"))
    typed = {
        "properties": {"type": _about(a_type, "Its type, or a block."), **_own_keys()},
        "required": ["type"],
        "additionalProperties": reference("value"),
        "allOf": [_either(_of_type(name), reference(_key(name))) for name in KINDS],
    }
    window = {name: attribute_schema(kind("window").attributes[name]) for name in TRIPLE}
    triple = {
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"not": {"enum": [*OWN_KEYS, *TRIPLE]}, "minLength": 1},
        "additionalProperties": {
            "type": "array",
            "prefixItems": list(window.values()),
            "minItems": len(TRIPLE),
            "maxItems": len(TRIPLE),
        },
    }
    has_type: Schema = {"required": ["type"]}
    known: Schema = {"anyOf": [{"enum": list(KINDS)}, reference("expression")]}
    needs = {name: _needs(name) for name in KINDS if _needs(name)}
    return {
        "layer": {
            **_either(
                {"type": "object"}, _either(has_type, reference("typed"), reference("triple"))
            ),
            "anyOf": [{"type": "object"}, reference("name")],
        },
        "typed": typed,
        "triple": triple,
        "known": _either({"type": "object"}, {"properties": {"type": known}}, known),
        "complete": _either(
            {"type": "object"},
            {"allOf": [_either(_of_type(n), {"required": needed}) for n, needed in needs.items()]},
            {"not": {"enum": list(needs)}},
        ),
        "block": {
            "type": "object",
            "properties": {
                "description": True,
                "args": reference("args"),
                "inputs": reference("names"),
                "output": reference("name"),
                "layers": _layer_list(),
            },
            "required": ["layers"],
            **OTHER_KEYS,
        },
    }


def _needs(name: str) -> list[str]:
    attributes = kind(name).attributes.items()
    return [key for key, declared in attributes if declared.default is REQUIRED]
