"""Frozen values behave as frozen dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Generic, TypeVar

import pytest

from corpus.value import Value, as_dict, field, fields, replace

Kind = TypeVar("Kind")


class Point(Value):
    """Fields in order, one with a default."""

    x: int
    y: int = 0


class Named(Value, kw_only=True):
    """Fields by name, one left out of comparisons and one of hashes."""

    name: str
    points: tuple[Point, ...] = ()
    start: int = field(default=0, compare=False)
    note: str = field(default="", hash=False, metadata={"help": "a remark"})


class NamedOften(Named, kw_only=True):
    """A value with the fields of another one."""

    times: int


class Other(Value):
    """The fields of Point in another class."""

    x: int
    y: int = 0


class Nothing(Value, Generic[Kind]):
    """No fields."""


class Even(Value):
    """Completes its field."""

    number: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", self.number // 2 * 2)


def test_fields_are_given_in_order_or_by_name_and_have_defaults() -> None:
    """Point(1, 2) is Point(x=1, y=2), and a default fills in."""
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)
    assert (Point(1).x, Point(1).y) == (1, 0)
    assert NamedOften(name="a", times=2).points == ()
    assert Even(3).number == 2


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        pytest.param(Point, (), {}, id="missing"),
        pytest.param(Point, (1, 2, 3), {}, id="too many"),
        pytest.param(Point, (1,), {"x": 1}, id="twice"),
        pytest.param(Point, (1,), {"z": 1}, id="unknown"),
        pytest.param(Named, ("a",), {}, id="in order instead of by name"),
        pytest.param(NamedOften, (), {"name": "a"}, id="missing after fields with defaults"),
        pytest.param(Nothing, (1,), {}, id="none is taken"),
    ],
)
def test_wrong_fields_raise_a_type_error(kind: type[Value], values: tuple[int, ...], named: dict[str, int]) -> None:
    """A field that is missing, unknown, given twice or in the wrong way is an error."""
    with pytest.raises(TypeError, match=kind.__name__):
        kind(*values, **named)


def test_values_are_equal_by_class_and_compared_fields() -> None:
    """Equality and hashes leave out what they are told to, and values of different classes differ."""
    assert Named(name="a", start=1) == Named(name="a", start=2)
    assert hash(Named(name="a", start=1, note="b")) == hash(Named(name="a", start=2, note="c"))
    assert Named(name="a", note="b") != Named(name="a", note="c")
    assert Point(1, 2) != Other(1, 2)
    assert Point(1, 2) != (1, 2)
    assert Named(name="a") != NamedOften(name="a", times=1)
    assert Nothing[int]() == Nothing[int]()
    assert len({Point(1), Point(1, 0), Other(1), Nothing[int]()}) == 3


def test_a_value_cannot_be_changed() -> None:
    """Setting or deleting a field is an error."""
    point = Point(1, 2)
    with pytest.raises(AttributeError):
        point.x = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    assert repr(point) == "Point(x=1, y=2)"


def test_values_are_copied_pickled_and_replaced() -> None:
    """A copy equals its original, also from another process, and `replace` changes some fields."""
    value = NamedOften(name="a", points=(Point(1),), times=2)
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == copy.copy(value) == value  # noqa: S301  # our own
    assert replace(value, times=3) == NamedOften(name="a", points=(Point(1),), times=3)
    assert replace(Even(2), number=5) == Even(4)
    with pytest.raises(TypeError):
        replace(value, size=1)


def test_fields_are_listed_in_order_with_their_metadata() -> None:
    """`fields` and `as_dict` give them in the order of the class, those of its base first."""
    assert [field.name for field in fields(NamedOften)] == ["name", "points", "start", "note", "times"]
    assert fields(Named)[-1].metadata == {"help": "a remark"}
    value = NamedOften(times=2, points=(Point(1),), name="a")
    wanted = {"name": "a", "points": ({"x": 1, "y": 0},), "start": 0, "note": "", "times": 2}
    assert as_dict(value) == wanted
    assert list(as_dict(value)) == list(wanted)


def test_the_functions_of_dataclasses_take_values() -> None:
    """Callers may use `dataclasses.asdict`, `replace` and `fields` with results and settings."""
    value = NamedOften(name="a", points=(Point(1),), times=2)
    assert dataclasses.asdict(value) == as_dict(value)
    assert dataclasses.replace(value, times=3) == replace(value, times=3)
    assert [field.name for field in dataclasses.fields(value)] == list(as_dict(value))
    assert dataclasses.is_dataclass(value)
