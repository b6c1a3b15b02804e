"""The forms with which a center, or the network, keeps an entry of the directory true."""

from collections.abc import Iterable, Mapping
from typing import Any

from referrals.web import paths
from referrals.web.center_words import DESIGNATION, SERVICE
from referrals.web.forms.bind import Posted, group_of, packet_from
from referrals.web.forms.fields import Field, Form, Group, Kind, Option, Repeat, options_of

NOT_STATED = Option("", "Not stated")
CHOOSE = Option("", "Choose")
URGENT = (Option("", "No"), Option("yes", "Yes"))
TAKE_AWAY = "Empty all of a row to take it away."
DEGREES = ("lat", "lon")


def _text(name: str, label: str, width: str = "", hint: str = "", *, needed: bool = False) -> Field:
    return Field(name, label, pointer=f"/{name}", hint=hint, width=width, is_required=needed)


def _in_row(name: str, label: str, kind: Kind = Kind.TEXT, width: str = "", **more: Any) -> Field:
    return Field(name, label, kind, name, width=width, **more)


PLACE = (("city", "City", "m"), ("region", "Region", "m"), ("country", "Country", "xs"), ("lat", "Latitude", "s"), ("lon", "Longitude", "s"))  # fmt: skip
SITES = Repeat(
    "sites",
    "Site",
    "/sites",
    (
        _in_row("name", "Name", is_required=True),
        _in_row("postal_code", "Postal code", width="s"),
        *(_in_row(name, label, width=width) for name, label, width in PLACE),
    ),
    "Add a site",
)
CONTACTS = Repeat(
    "contacts",
    "Contact",
    "/contacts",
    (
        _in_row("role", "Role or office", is_required=True),
        _in_row("name", "Name", width="m"),
        _in_row("phone", "Phone", Kind.TEL, "m"),
        _in_row("email", "Email", Kind.EMAIL, "m"),
        _in_row("hours", "Hours", width="m"),
        _in_row("urgent", "For urgent matters", Kind.SELECT, "s", options=URGENT),
    ),
    "Add a contact",
)
OFFERS = group_of(
    Field("designation", "Designation", Kind.SELECT, "/designation", options=(NOT_STATED, *options_of(DESIGNATION))),
    Field("services", "Services", Kind.BOXES, "/services", options=options_of(SERVICE)),
    Field("languages", "Languages", Kind.LIST, "/languages", "Short names with commas between, such as en, es, pt-BR."),
    legend="What it offers",
)
PLACED = group_of(
    *(_text(name, label, width) for name, label, width in PLACE),
    _text("url", "Web address", hint="It begins with https://."),
    _text("zone", "Time zone", "m", "Such as America/Chicago. Empty: that of the network."),
    Field("source", "Where this entry comes from", Kind.AREA, "/source"),
    legend="Where it is",
    hint="The country as two letters, such as US. Latitude and longitude in degrees, such as 44.98 and -93.26.",
)
NETWORKS = group_of(
    _text("name", "Name", needed=True),
    Field("active", "Takes referrals", Kind.BOX, "/active"),
    Field("in_network", "Belongs to the network", Kind.BOX, "/in_network", "Without this mark nobody there signs in."),
    Field("paused", "Paused", Kind.BOX, "/paused"),
    Field("paused_because", "Why it is paused", Kind.AREA, "/paused_because"),
    legend="Only the network decides",
)


def _form(center_id: object, part: str, version: int, groups: Iterable[Group], submit: str = "Save") -> Form:
    return Form(paths.center(center_id, part), submit, tuple(groups), version, cancel_href=paths.center(center_id))


def profile_form(center_id: object, version: int, *, by_network: bool) -> Form:
    rows = (group_of(CONTACTS, legend="Contacts", hint=TAKE_AWAY), group_of(SITES, legend="Sites", hint=TAKE_AWAY))
    return _form(center_id, "profile", version, (OFFERS, PLACED, *rows, *([NETWORKS] if by_network else [])))


def profile_packet(center: Mapping[str, Any]) -> dict[str, Any]:
    contacts = [{**each, "urgent": "yes" if each["urgent"] else None} for each in center["contacts"]]
    return {**center, "contacts": contacts}


def profile_sent(form: Form, posted: Posted) -> dict[str, Any]:
    """What was emptied is null, or a list without items; numbers are numbers."""
    sent = packet_from(form, posted, keep_blank=True)
    lists = {name: sent[name] or [] for name in ("services", "languages", "sites", "contacts")}
    lists["sites"] = [{**site, **_degrees(site)} for site in lists["sites"]]
    lists["contacts"] = [{**each, "urgent": each.get("urgent") == "yes"} for each in lists["contacts"]]
    return {**sent, **lists, **_degrees(sent)}


def _degrees(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number_typed(place[name]) for name in DEGREES if name in place}


def number_typed(typed: Any) -> Any:
    """What is no number stays as typed: the check of the packet says what to do about it."""
    try:
        return float(typed) if isinstance(typed, str) and len(typed) < 20 else typed
    except ValueError:
        return typed


def expertise_form(center_id: object, version: int, families: Mapping[str, str]) -> Form:
    return _form(center_id, "expertise", version, (_of_family(name, label) for name, label in families.items()))


def _of_family(family: str, label: str) -> Group:
    return group_of(
        Field(f"{family}-level", "Level", pointer=f"/{family}/level", width="xs"),
        Field(f"{family}-volume", "Patients a year", Kind.NUMBER, f"/{family}/yearly_volume", width="s"),
        Field(f"{family}-evidence", "What speaks for it", pointer=f"/{family}/evidence", width="date"),
        legend=label,
    )


def expertise_packet(center: Mapping[str, Any]) -> dict[str, Any]:
    return {each["family"]: each for each in center["expertise"]}


def expertise_sent(form: Form, posted: Posted) -> dict[str, Any]:
    told = ((family, stated) for family, stated in packet_from(form, posted).items() if stated)
    return {
        "expertise": [
            {"family": family, **stated, **({"level": number_typed(stated["level"])} if "level" in stated else {})}
            for family, stated in told
        ]
    }


def trials_form(center_id: object, version: int, families: Mapping[str, str]) -> Form:
    rows = Repeat(
        "trials",
        "Trial",
        "/trials",
        (
            _in_row("registry_id", "Number in the registry", width="m", is_required=True),
            _in_row("phase", "Phase", width="s"),
            _in_row("title", "Title", is_required=True),
            _in_row("families", "Tumor families", Kind.LIST, is_required=True),
            _in_row("opened_on", "Open since", Kind.DATE, "m", is_required=True),
            _in_row("closed_on", "Closed on", Kind.DATE, "m"),
            _in_row("contact", "Contact"),
            _in_row("source", "Source"),
        ),
        "Add a trial",
    )
    hint = f"{TAKE_AWAY} Tumor families with commas between: {', '.join(families)}."
    return _form(center_id, "trials", version, (group_of(rows, legend="Trials", hint=hint),))


def conflicts_form(center_id: object, version: int, organizations: Iterable[tuple[str, str]]) -> Form:
    named = (CHOOSE, *(Option(value, name) for value, name in organizations))
    rows = Repeat(
        "conflicts",
        "Conflict",
        "/conflicts",
        (
            _in_row("organization", "Must not judge for", Kind.SELECT, options=named, is_required=True),
            _in_row("reason", "Why", Kind.AREA, is_required=True),
            _in_row("from_day", "First day", Kind.DATE, "m", is_required=True),
            _in_row("until_day", "Last day", Kind.DATE, "m"),
        ),
        "Add a conflict",
    )
    hint = f"{TAKE_AWAY} One that is over may stay with its last day, so that it can be looked up."
    return _form(center_id, "conflicts", version, (group_of(rows, legend="Conflicts", hint=hint),))


def conflicts_packet(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What is answered names an organization whole, what is typed by its id."""
    return {"conflicts": [{**each, "organization": _id_of(each.get("organization"))} for each in stated["conflicts"]]}


def _id_of(organization: Any) -> str | None:
    return str(organization["id"]) if isinstance(organization, Mapping) else organization


def list_sent(form: Form, posted: Posted) -> dict[str, Any]:
    """The rows of the one list of this form."""
    name = form.action.rpartition("/")[2]
    return {name: packet_from(form, posted).get(name) or []}


def trials_file_form(center_id: object, version: int) -> Form:
    file = Field("file", "File of comma-separated lines", Kind.FILE, "/file", is_required=True)
    return _form(center_id, "trials-file", version, (group_of(file),), "Add these trials")
