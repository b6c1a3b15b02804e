"""Fields that many steps ask for."""

from collections.abc import Iterable, Mapping

from referrals.web.forms.fields import Field, Kind, options_of


def text_field(name: str, label: str, hint: str = "", required: bool = True) -> Field:
    return Field(name, label, Kind.AREA, f"/{name}", hint=hint, is_required=required)


def reason_field(reasons: Mapping[str, str], only: Iterable[str] | None = None) -> Field:
    return Field("reason", "Reason", Kind.RADIOS, "/reason", options=options_of(reasons, only), is_required=True)


def person_field(label: str, hint: str = "") -> Field:
    """Its options are the people whom the view may offer."""
    return Field("user", label, Kind.SELECT, "/user", hint=hint, is_required=True, width="m")
