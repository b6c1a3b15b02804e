"""What the shapes of answers are made of: fields that are always there, people and organizations in short."""

from typing import Any

from marshmallow import fields as plain

from referrals.boundary.schemas.fields import Body, Id


def there(kind: Any, *positional: Any, **options: Any) -> Any:
    """A field that is always answered, and never null."""
    return kind(*positional, required=True, **options)


def maybe(kind: Any, *positional: Any, **options: Any) -> Any:
    """A field that is always answered, and may be null."""
    return kind(*positional, required=True, allow_none=True, **options)


class Person(Body):
    id = there(Id)
    name = there(plain.String)


class Named(Body):
    """An organization, in short."""

    id = there(Id)
    code = there(plain.String)
    name = there(plain.String)
