"""Damage done to files at random, field by field, by a seed: what is still a file of its format."""

from __future__ import annotations

import random

INTEGERS = (0, 1, -1, 2, 3, -2, 7, 10**9, 2**31, -(2**31), 2**62, 2**63 - 1, -(2**63))
NUMBERS = (0.0, 1.0, -1.0, 0.5, 1e-38, 3e38, float("inf"), float("-inf"), float("nan"))
TEXTS = ("", "x", "y", "linear", "SAME_UPPER", "NOTSET", "cubic", "\n", "α", "Relu", "a" * 300)


def damaged_model(model, seed, most=3):
    """A copy of an ONNX model with a few fields changed."""
    draw = random.Random(seed)
    made = type(model)()
    made.CopyFrom(model)
    for _ in range(draw.randint(1, most)):
        places = list(_places(made))
        if not places:
            break
        message, field = draw.choice(places)
        _change(draw, message, field, [other for other, one in places if one is field])
    return made


def _places(message):
    """Every field that is set in a message and in those within it; a node's and type's all."""
    always = message.DESCRIPTOR.name in ("NodeProto", "TensorShapeProto", "Dimension")
    for field in message.DESCRIPTOR.fields:
        values = getattr(message, field.name)
        listed = isinstance(field.default_value, list) or hasattr(values, "append")
        if not (always or (len(values) if listed else message.HasField(field.name))):
            continue
        yield message, field
        if field.message_type is not None:
            for inner in values if listed else [values] if message.HasField(field.name) else []:
                yield from _places(inner)


def _change(draw, message, field, others):
    values = getattr(message, field.name)
    if hasattr(values, "append"):
        _change_list(draw, values, field, [getattr(other, field.name) for other in others])
    elif field.message_type is not None:
        if draw.random() < 0.5:
            message.ClearField(field.name)
        else:
            values.CopyFrom(getattr(draw.choice(others), field.name))
    elif draw.random() < 0.3:
        message.ClearField(field.name)
    else:
        _set(draw, lambda value: setattr(message, field.name, value), field, values)


def _change_list(draw, values, field, others):
    """One value less, more, moved, changed, or another message's list in place of it."""
    way = draw.choice(("clear", "drop", "repeat", "add", "change", "swap", "take"))
    place = draw.randrange(len(values)) if values else 0
    if way == "clear":
        del values[:]
    elif way == "drop" and values:
        del values[place]
    elif way == "swap" and len(values) > 1 and field.message_type is None:
        values[place], values[place - 1] = values[place - 1], values[place]
    elif way == "take" or field.message_type is not None:
        taken = list(draw.choice(others))[:50]
        copies = (
            [type(one).FromString(one.SerializeToString()) for one in taken]
            if (field.message_type is not None)
            else taken
        )
        if way == "take":
            del values[:]
        values.extend(copies)
    elif way in ("repeat", "add") or not values:
        _set(draw, values.append, field, values[place] if values else None)
    else:
        _set(draw, lambda value: values.__setitem__(place, value), field, values[place])


def _set(draw, put, field, old):
    """A value of the field's type; a number that its type does not hold is left."""
    kinds = {
        field.CPPTYPE_STRING: TEXTS, field.CPPTYPE_FLOAT: NUMBERS, field.CPPTYPE_DOUBLE: NUMBERS,
    }  # fmt: skip
    value = draw.choice(kinds.get(field.cpp_type, INTEGERS))
    if field.type == field.TYPE_BYTES:
        cut = bytes(old or b"")
        value = draw.choice(
            (b"", cut[:-1], cut[:3], cut + b"\0", bytes(len(cut)), b"\xff" * len(cut))
        )
    try:
        put(value)
    except (ValueError, TypeError):
        put(draw.choice((0, 1)))
