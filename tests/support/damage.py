"""Damage done to files at random, by a seed: field by field, value by value, word by word."""

from __future__ import annotations

import json
import random
import re

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


WORDS = (
    "",
    "0",
    "-1",
    "3",
    "1000000000",
    "99999999999999999999",
    "0.5",
    "nan",
    "inf",
    "x",
    "α",
    "[",
)
VALUES = (None, True, 0, -1, 3, 2**62, 0.5, "", "x", "same", [], [0], [3, 3, 3], {}, [[1]])


def damaged_json(data, seed, most=3):
    """A copy of a JSON value with a few of its values changed, moved, or left out."""
    draw = random.Random(seed)
    made = _copy(data)
    for _ in range(draw.randint(1, most)):
        places = list(_slots(made))
        if not places:
            break
        within, key = draw.choice(places)
        way = draw.choice(("value", "take", "drop", "twice", "words"))
        if way == "drop":
            del within[key]
        elif way == "twice" and isinstance(within, list):
            within.append(_copy(within[key]))
        elif way == "take":
            other, place = draw.choice(places)
            within[key] = _copy(other[place])
        elif way == "words" and isinstance(within[key], str):
            texts = [other[place] for other, place in places if isinstance(other[place], str)]
            within[key] = draw.choice(texts)
        else:
            within[key] = _copy(draw.choice(VALUES))
    return made


def _copy(value):
    return json.loads(json.dumps(value))


def _slots(value):
    """Every place in nested lists and mappings: what holds it, and its key there."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _slots(value[key])


def damaged_text(text, seed, most=3):
    """A text with a few of its words and lines changed, moved, or left out."""
    draw = random.Random(seed)
    for _ in range(draw.randint(1, most)):
        way = draw.choice(("word", "word", "word", "number", "swap", "drop", "twice", "cut"))
        pieces = re.split(
            r"(\s+|[=:{}\[\],\"])" if way in ("word", "number", "swap") else "(\n)", text
        )
        fits = [
            at for at, one in enumerate(pieces)
            if one.strip() and (way != "number" or one.lstrip("-").isdigit())
        ]  # fmt: skip
        if not fits:
            continue
        place, other = draw.choice(fits), draw.choice(fits)
        if way == "cut":
            pieces = pieces[:place]
        elif way == "drop":
            del pieces[place]
        elif way == "twice":
            pieces.insert(place, f"{pieces[place]}\n")
        elif way == "swap":
            pieces[place], pieces[other] = pieces[other], pieces[place]
        else:
            pieces[place] = draw.choice(WORDS)
        text = "".join(pieces)
    return text
