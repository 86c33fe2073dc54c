"""Frozen values: like frozen dataclasses, but without generated code, which every process would compile anew.

Measured: a dataclass takes 0.4 ms to define and the module `dataclasses` 5 ms to import; a query needs fifty such
classes, a third of all that the command `search` did. So modules that every query loads define values, all others
dataclasses. The functions of the module `dataclasses` take values, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, dataclass_transform

_MISSING: Final = object()


class Field(NamedTuple):
    """A field: its name and default, whether it counts for equality and for hashing, and what else is known of it."""

    name: str
    default: Any = _MISSING
    is_compared: bool = True
    is_hashed: bool = True
    metadata: Mapping[str, Any] = {}


# Any, because a field of any type may have such a default.
def field(
    *, default: Any = _MISSING, compare: bool = True, hash: bool = True, metadata: Mapping[str, Any] | None = None
) -> Any:
    """A default with more to say of its field; see `dataclasses.field`."""
    return Field("", default, compare, compare and hash, metadata or {})


class _DataclassFields:
    """Makes what the functions of the module `dataclasses` look for, when they do."""

    def __get__(self, value: object, owner: type[Value]) -> dict[str, Any]:
        import dataclasses  # deferred: few callers need it

        likeness = dataclasses.make_dataclass(owner.__name__, [field.name for field in fields(owner)])
        return {field.name: field for field in dataclasses.fields(likeness)}


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value:
    """The base of all values. Two values are equal if they have the same class and equal fields.

    The fields are the annotations of the class; their defaults must not be mutable. With `kw_only` they are given by
    name, otherwise also in their order. `__post_init__` may complete them.
    """

    _fields: ClassVar[tuple[Field, ...]] = ()
    __dataclass_fields__: ClassVar[Any] = _DataclassFields()

    #: The names of the fields that may be given without their names, in order.
    _in_order: ClassVar[tuple[str, ...]] = ()
    #: The default of each field, in the order of the fields.
    _defaults: ClassVar[Mapping[str, Any]] = {}
    #: Class and fields that count for equality, and for hashing.
    _compared: ClassVar[attrgetter[Any]]
    _hashed: ClassVar[attrgetter[Any]]

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        super().__init_subclass__()
        defaults = ((name, vars(cls).get(name, _MISSING)) for name in vars(cls).get("__annotations__", ()))
        own = [
            default._replace(name=name) if isinstance(default, Field) else Field(name, default)
            for name, default in defaults
        ]
        cls._fields = (*cls._fields, *own)
        cls._defaults = {field.name: field.default for field in cls._fields}
        if not kw_only:
            cls._in_order = tuple(cls._defaults)
        cls._compared = attrgetter("__class__", *(field.name for field in cls._fields if field.is_compared))
        cls._hashed = attrgetter("__class__", *(field.name for field in cls._fields if field.is_hashed))

    def __init__(self, *values: Any, **named: Any) -> None:
        if values:
            in_order = dict(zip(self._in_order, values, strict=False))
            if len(in_order) < len(values) or in_order.keys() & named.keys():
                raise self._wrong_fields()
            named |= in_order
        state = {**self._defaults, **named}
        if len(state) > len(self._fields) or _MISSING in state.values():
            raise self._wrong_fields()
        vars(self).update(state)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Nothing, unless a class defines more; it may set fields by `object.__setattr__`."""

    def _wrong_fields(self) -> TypeError:
        return TypeError(
            f"{type(self).__name__} has the fields {', '.join(self._defaults)}: one is missing or too many"
        )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and bool(self._compared(self) == other._compared(other))

    def __hash__(self) -> int:
        return hash(self._hashed(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


def fields(kind: type[Value]) -> tuple[Field, ...]:
    """The fields of a class of values, in order."""
    return kind._fields


def as_dict(value: Value) -> dict[str, Any]:
    """The fields of a value by name, in order; also of the values in it, alone or in tuples."""
    return {name: _plain(part) for name, part in vars(value).items()}


# Any, because a field may hold anything.
def _plain(part: Any) -> Any:
    if isinstance(part, Value):
        return as_dict(part)
    return tuple(map(_plain, part)) if type(part) is tuple else part


_AnyValue = TypeVar("_AnyValue", bound=Value)


def replace(value: _AnyValue, /, **changes: Any) -> _AnyValue:
    """A copy of a value with other values of some fields."""
    return type(value)(**{**vars(value), **changes})
