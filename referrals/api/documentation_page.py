"""What the page of the documentation prints of the OpenAPI document: a name for everything on it."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

METHODS = ("get", "post", "patch", "put", "delete")
SHORT_BODY = 700
FORM_PARTS = {"multipart/form-data": "-F", "application/x-www-form-urlencoded": "-d"}
# What a call has to be told, and cannot know before: what stands for it in an example.
HEADERS: Mapping[str, str] = {
    "If-Match": '"3"',
    "Idempotency-Key": "4711-1",
    "On-Behalf-Of": "coordinator@network.example",
}
OFTEN_SENT = ("If-Match", "Idempotency-Key")


class Page:
    """The document as a page: by tag its operations, then the refusals, then the shapes."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.title = f"{spec['info']['title']} API {spec['info']['version']}"
        self.introduction = spec["info"]["description"]
        self.scopes = spec["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"]

    @cached_property
    def sections(self) -> list["Section"]:
        return [
            Section(tag, [each for each in self._operations if tag["name"] in each.tags]) for tag in self.spec["tags"]
        ]

    @cached_property
    def _operations(self) -> list["Operation"]:
        return [
            Operation(self, method, path, operations[method])
            for path, operations in self.spec["paths"].items()
            for method in METHODS
            if method in operations
        ]

    @cached_property
    def problems(self) -> list["Refusal"]:
        return [Refusal(word, said) for word, said in self.spec["components"]["responses"].items()]

    @cached_property
    def shapes(self) -> list["Shape"]:
        shown = self.spec["components"]["examples"]
        return [
            Shape(name, schema, shown.get(name, {}).get("value"))
            for name, schema in sorted(self.spec["components"]["schemas"].items())
        ]

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """A part itself, where only its name stands."""
        if "$ref" not in part:
            return part
        kind, name = part["$ref"].split("/")[-2:]
        found: dict[str, Any] = self.spec["components"][kind][name]
        return found


class Section:
    """One tag."""

    def __init__(self, tag: Mapping[str, str], operations: list["Operation"]) -> None:
        self.id, self.words, self.operations = tag["name"], tag["description"], operations
        self.name = self.id.capitalize()


class Kind:
    """What a schema says of one value, in a few words."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.choices = [word for word in schema.get("enum", ()) if word is not None]
        self.words = _kind_of(schema)
        parts = (schema, schema.get("items", {}), *schema.get("anyOf", []))
        self.leads_to = next((name for part in parts if (name := _name_of(part))), "")
        self.explains = schema.get("description", "")
        self.limits = ", ".join(_limits(schema))


class Operation:
    """One call: how it is made, and what it answers."""

    def __init__(self, page: Page, method: str, path: str, said: dict[str, Any]) -> None:
        self.page, self.method, self.path, self.said = page, method.upper(), path, said
        self.id, self.tags = said["operationId"], said["tags"]
        self.summary, self.needs = said["summary"], said["description"]

    @property
    def parameters(self) -> list["Parameter"]:
        return [Parameter(self.page.resolved(each)) for each in self.said.get("parameters", ())]

    @property
    def bodies(self) -> list["Body"]:
        return [
            Body(self.page, form, body) for form, body in self.said.get("requestBody", {}).get("content", {}).items()
        ]

    @property
    def answers(self) -> list["AnswerShown"]:
        return [
            AnswerShown(self.page, status, answer)
            for status, answer in self.said["responses"].items()
            if "$ref" not in answer
        ]

    @property
    def refusals(self) -> list[tuple[str, str]]:
        """Status and name of each problem that it can answer."""
        named = ((status, _name_of(answer)) for status, answer in self.said["responses"].items())
        return [(status, name) for status, name in named if name]

    @property
    def curl(self) -> str:
        parts = [f'curl {self._method}"$REFERRALS{self._address}"', *self._headers(), *self._sent()]
        return " \\\n     ".join(parts)

    @property
    def _method(self) -> str:
        return "" if self.method == "GET" or (self.method == "POST" and self.bodies) else f"-X {self.method} "

    @property
    def _address(self) -> str:
        address = self.path
        needed = []
        for parameter in self.parameters:
            if parameter.place == "path":
                address = address.replace("{" + parameter.name + "}", str(parameter.example))
            elif parameter.place == "query" and parameter.is_required:
                needed.append(f"{parameter.name}={str(parameter.example).replace(' ', '+')}")
        return address + (f"?{'&'.join(needed)}" if needed else "")

    def _headers(self) -> Iterator[str]:
        if self.said.get("security"):
            yield '-H "Authorization: Bearer $TOKEN"'
        known = {parameter.name for parameter in self.parameters}
        for name in OFTEN_SENT:
            if name in known:
                yield f"-H '{name}: {HEADERS[name]}'"
        if "Needs a person" in self.needs:
            yield f"-H 'On-Behalf-Of: {HEADERS['On-Behalf-Of']}'"

    def _sent(self) -> Iterator[str]:
        body = next(iter(self.bodies), None)
        if body is None:
            return
        if flag := FORM_PARTS.get(body.form):
            yield from (f"{flag} '{name}={_file_or(name, value)}'" for name, value in (body.value or {}).items())
            return
        yield f"-H 'Content-Type: {body.form}'"
        yield f"-d '{body.short}'" if body.short else f"--data-binary @request.{'json' if body.is_json else 'ndjson'}"


class Parameter:
    """What goes into an address or a header."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.name, self.place = said["name"], said["in"]
        self.is_required, self.words = said.get("required", False), said.get("description", "")
        self.example, self.kind = said.get("example"), Kind(said["schema"])


class Body:
    """What is sent or answered in one form."""

    def __init__(self, page: Page, form: str, said: dict[str, Any]) -> None:
        self.form, self.kind, self.value = form, Kind(said["schema"]), said.get("example")
        self.is_json = form.endswith("json") and "ndjson" not in form

    @property
    def example(self) -> str:
        """As it stands on the page; nothing where it stands with its shape."""
        if self.value is None or self.value == {}:
            return "{}" if self.value == {} else ""
        return self.value if isinstance(self.value, str) else written(self.value)

    @property
    def short(self) -> str:
        """On one line, where that is not long."""
        line = json.dumps(self.value, ensure_ascii=False) if self.is_json else ""
        return line if len(line) <= SHORT_BODY and "'" not in line else ""


class AnswerShown:
    """One answer that is no problem document."""

    def __init__(self, page: Page, status: str, said: dict[str, Any]) -> None:
        self.status, self.words = status, said["description"]
        self.headers = [
            (name, page.resolved(header)["description"]) for name, header in said.get("headers", {}).items()
        ]
        self.bodies = [Body(page, form, body) for form, body in said.get("content", {}).items()]


class Refusal:
    """One problem, with examples."""

    def __init__(self, word: str, said: dict[str, Any]) -> None:
        self.id, self.words = word, said["description"]
        self.headers = list(said["headers"])
        body = next(iter(said["content"].values()))
        self.examples = [(each["summary"], written(each["value"])) for each in body["examples"].values()]
        self.status = next(iter(body["examples"].values()))["value"]["status"]


class Shape:
    """One shape of a body, field by field."""

    def __init__(self, name: str, schema: dict[str, Any], example: Any) -> None:
        self.name, self.words = name, schema.get("description", "")
        required = set(schema.get("required", ()))
        self.fields = [(field, field in required, Kind(kind)) for field, kind in schema["properties"].items()]
        self.example = "" if example is None else written(example)


def _file_or(name: str, value: str) -> str:
    return "@report.pdf" if name == "file" else value


def written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _name_of(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name_of(schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_kind_of(each) for each in choices)
    if schema.get("type") == "array" or "items" in schema:
        return f"list of {_kind_of(schema.get('items', {}))}"
    words = schema.get("type", "anything")
    return " or ".join(words) if isinstance(words, list) else str(words)


# What a reader wants to know of a value, in their words.
_LIMITS: Mapping[str, str] = {
    "format": "{}",
    "minimum": "from {:,}",
    "maximum": "up to {:,}",
    "maxLength": "at most {:,} characters",
    "minItems": "at least {:,}",
    "maxItems": "at most {:,} items",
}


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    return (words.format(schema[name]) for name, words in _LIMITS.items() if name in schema)
