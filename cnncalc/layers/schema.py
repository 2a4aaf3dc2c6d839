"""What attributes take, as JSON Schemas, for any number of axes.

Made only for `cnncalc schema`, so apart from the attributes that every start loads. An expression
may stand for any value, also in lists.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from ..arithmetic import AXES, LIMIT
from . import attributes as attribute
from .attributes import LARGEST
from .rearrange import LEFT, TargetShape
from .tokens import Index
from .unknown import Figure, OneShape, ShapePerInput

Schema = dict[str, Any]

MOST_AXES = max(AXES)
NULL: Schema = {"type": "null"}


def reference(name: str) -> Schema:
    """What the document defines under a name."""
    return {"$ref": f"#/$defs/{name}"}


def any_of(*schemas: Schema) -> Schema:
    """A value that one of several holds for."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def or_expression(schema: Schema) -> Schema:
    """A value, or the expression that gives it."""
    return any_of(schema, reference("expression"))


def list_of(item: Schema, least: int = 1, most: int | None = None) -> Schema:
    """A list of so many items."""
    bounds = {"minItems": least} if most is None else {"minItems": least, "maxItems": most}
    return {"type": "array", "items": or_expression(item), **bounds}


def whole(least: int, most: int = LARGEST) -> Schema:
    """A whole number within bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


def attribute_schema(declared: attribute.Attribute[Any]) -> Schema:
    """What a layer may give as the attribute: an expression, and null where that means nothing."""
    also = [NULL] if declared.default is None else []
    schema: Schema = any_of(value_schema(declared), *also, reference("expression"))
    if declared.default is not attribute.REQUIRED and declared.default is not None:
        schema = {**schema, "default": declared.default}
    return {**schema, "description": declared.expects.format(axes="per axis")}


@singledispatch
def value_schema(declared: attribute.Attribute[Any]) -> Schema:
    """What an attribute's `value` takes."""
    raise NotImplementedError


@value_schema.register
def _(declared: attribute.Count) -> Schema:
    return whole(declared.least)


@value_schema.register
def _(declared: Figure) -> Schema:
    return whole(declared.least, LIMIT)


@value_schema.register
def _(declared: attribute.Channels) -> Schema:
    return any_of(whole(1), NULL)


@value_schema.register
def _(declared: attribute.Flag) -> Schema:
    return reference("flag")


@value_schema.register
def _(declared: attribute.Choice) -> Schema:
    words = [choice for choice in declared.choices if not isinstance(choice, bool)]
    flags = len(words) < len(declared.choices)
    return any_of({"enum": words}, *([reference("flag")] if flags else []))


@value_schema.register
def _(declared: attribute.AxisName) -> Schema:
    return {"enum": sorted({axis for axes in AXES.values() for axis in axes})}


@value_schema.register
def _(declared: attribute.PerAxis) -> Schema:
    size = whole(declared.least)
    return any_of(size, list_of(size, 1, MOST_AXES))


@value_schema.register
def _(declared: attribute.OutputSize) -> Schema:
    size = whole(declared.least)
    return any_of(size, list_of(any_of(size, NULL), 1, MOST_AXES))


@value_schema.register
def _(declared: attribute.Padding) -> Schema:  # type: ignore[type-arg]
    side = whole(0)
    words: list[Schema] = [{"enum": list(declared.words)}] if declared.words else []
    return any_of(side, list_of(any_of(side, list_of(side, 2, 2)), 1, MOST_AXES), *words)


@value_schema.register
def _(declared: attribute.ScaleFactor) -> Schema:
    factor: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST}
    return any_of(factor, list_of(factor, 1, MOST_AXES))


@value_schema.register
def _(declared: attribute.Range) -> Schema:
    return list_of(whole(0), 2, 2)


@value_schema.register
def _(declared: Index) -> Schema:
    return any_of(whole(0), list_of(whole(0), 2, 2))


@value_schema.register
def _(declared: attribute.LayerName) -> Schema:
    return reference("name")


@value_schema.register
def _(declared: attribute.Kept) -> Schema:
    return any_of(reference("scalar"), list_of(reference("scalar"), 0))


@value_schema.register
def _(declared: TargetShape) -> Schema:
    return list_of(whole(LEFT), 1, MOST_AXES + 1)


@value_schema.register
def _(declared: OneShape) -> Schema:
    return list_of(whole(1), 1, MOST_AXES + 1)


@value_schema.register
def _(declared: ShapePerInput) -> Schema:
    one = list_of(whole(1), 1, MOST_AXES + 1)
    return any_of(one, list_of(one))
