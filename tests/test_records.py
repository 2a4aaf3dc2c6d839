"""Records are frozen, compared by value, and as light as plain classes."""

from __future__ import annotations

import pytest

from cnncalc.record import Record


class Point(Record):
    """Two numbers and a name."""

    x: int
    y: int = 2
    name: str = "p"


class Named(Point):
    """A record that adds to another."""

    colour: str = "red"


@pytest.mark.parametrize("point", [Point(1), Point(x=1), Point(1, 2), Point(1, y=2, name="p")])
def test_values_by_position_or_name(point):
    assert (point.x, point.y, point.name) == (1, 2, "p")
    assert point == Point(1)
    assert list(point) == [1, 2, "p"]
    assert point.as_dict() == {"x": 1, "y": 2, "name": "p"}
    assert repr(point) == "Point(x=1, y=2, name='p')"


def test_a_missing_value():
    with pytest.raises(TypeError, match="a Point needs 'x'"):
        Point()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Point(1, z=2), "a Point has no 'z'"),
        (lambda: Point(y=1, z=2, name="q"), "a Point has no 'z'"),
        (lambda: Point(1, 2, "p", 4), "a Point takes 3 values, not 4"),
        (lambda: Point(1, 2, y=3), "a Point is given 'y' twice"),
        (lambda: Point(1).but(z=2), "a Point has no 'z'"),
    ],
)
def test_mistakes_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_some_values_changed():
    assert Point(1).but(y=5) == Point(1, 5)
    assert type(Named(1).but(colour="blue")) is Named


def test_records_do_not_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


def test_frozen():
    point = Point(1)
    with pytest.raises(AttributeError, match="a Point cannot be changed"):
        point.x = 2
    with pytest.raises(AttributeError, match="a Point cannot be changed"):
        point.z = 2
    assert point == Point(1)


def test_inherited_names_come_first():
    assert list(Named(1, 3, "q")) == [1, 3, "q", "red"]


def test_equal_only_to_its_own_kind():
    assert Point(1) != Point(2)
    assert Named(1) != Point(1)
    assert Point(1) != (1, 2, "p")


def test_mypy_sees_mistakes(tmp_path):
    api = pytest.importorskip("mypy.api")
    wrong = ["Size(1, depth=3)", "Size(1, 2, 3)", "Size()", 'Size("a")', "Size(1).height = 3"]
    lines = [
        "from cnncalc.record import Record",
        "class Size(Record):",
        "    height: int",
        "    width: int = 1",
    ]
    (tmp_path / "sizes.py").write_text("\n".join([*lines, "Size(1, width=2)", *wrong]))
    options = ["--config-file", "", "--cache-dir", str(tmp_path / "cache"), "--strict"]
    told, _, _ = api.run([*options, str(tmp_path / "sizes.py")])
    places = [int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line]
    assert places == [6, 7, 8, 9, 10], told
