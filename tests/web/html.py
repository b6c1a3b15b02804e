"""Reads a page as a browser without JavaScript does: its title, its words, its links and its forms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"input", "img", "br", "hr", "meta", "link", "use", "path", "circle"})
UNSEEN = frozenset({"script", "style", "head", "svg", "dialog"})


@dataclass
class Button:
    words: str
    name: str
    value: str
    action: str
    form: str


@dataclass
class Form:
    action: str
    method: str
    id: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)


@dataclass
class Page:
    title: str = ""
    words: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def form(self, action: str) -> Form:
        """The form that posts there; the last one, because the search of the frame comes first."""
        found = [form for form in self.forms if form.action.partition("#")[0] == action]
        assert found, f"no form posts to {action}: {[form.action for form in self.forms]}"
        return found[-1]

    def button(self, words: str) -> Button:
        found = [button for form in self.forms for button in form.buttons if button.words == words]
        assert found, f"no button says {words}"
        return found[0]

    def link(self, words: str) -> str:
        found = [href for said, href in self.links if said == words]
        assert found, f"no link says {words}: {[said for said, _ in self.links]}"
        return found[0]

    def has_link(self, words: str) -> bool:
        return any(said == words for said, _ in self.links)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.stack: list[str] = []
        self.form: Form | None = None
        self.button: Button | None = None
        self.link: list[str] | None = None
        self.select: tuple[str, list[tuple[str, bool]]] | None = None
        self.area: tuple[str, list[str]] | None = None
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag not in VOID:
            self.stack.append(tag)
        if "id" in given and "svg" not in self.stack:
            self.page.ids.append(given["id"])
        # What stands in an element of its own is read as a word of its own.
        if self.link:
            self.link.append(" ")
        if self.button:
            self.button.words += " "
        opener = getattr(self, f"open_{tag}", None)
        if opener:
            opener(given, dict(attributes))

    def open_form(self, given: dict[str, str], _: object) -> None:
        self.form = Form(given.get("action", ""), given.get("method", "get"), given.get("id", ""))
        self.page.forms.append(self.form)

    def open_input(self, given: dict[str, str], raw: dict[str, str | None]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if self.form is None or not name:
            return
        self.form.names.add(name)
        if kind in ("radio", "checkbox"):
            if "checked" in raw:
                self.form.fields.append((name, given.get("value", "on")))
        else:
            self.form.fields.append((name, given.get("value", "")))

    def open_select(self, given: dict[str, str], _: object) -> None:
        self.select = (given.get("name", ""), [])

    def open_option(self, given: dict[str, str], raw: dict[str, str | None]) -> None:
        if self.select:
            self.select[1].append((given.get("value", ""), "selected" in raw))

    def open_textarea(self, given: dict[str, str], _: object) -> None:
        self.area = (given.get("name", ""), [])

    def open_button(self, given: dict[str, str], _: object) -> None:
        home = given.get("form", self.form.id if self.form else "")
        self.button = Button("", given.get("name", ""), given.get("value", ""), given.get("formaction", ""), home)
        owner = self.form or next((form for form in self.page.forms if form.id and form.id == home), None)
        if owner:
            owner.buttons.append(self.button)

    def open_a(self, given: dict[str, str], _: object) -> None:
        self.link = [given.get("href", "")]

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop() != tag:
            pass
        closer = getattr(self, f"close_{tag}", None)
        if closer:
            closer()

    def close_form(self) -> None:
        self.form = None

    def close_select(self) -> None:
        if self.select and self.form is not None:
            name, options = self.select
            chosen = [value for value, is_chosen in options if is_chosen] or [value for value, _ in options[:1]]
            self.form.fields += [(name, value) for value in chosen]
            self.form.names.add(name)
        self.select = None

    def close_textarea(self) -> None:
        if self.area and self.form is not None:
            # A browser drops the line break that stands right behind the tag.
            self.form.fields.append((self.area[0], "".join(self.area[1]).removeprefix("\n")))
            self.form.names.add(self.area[0])
        self.area = None

    def close_button(self) -> None:
        if self.button:
            self.button.words = " ".join(self.button.words.split())
        self.button = None

    def close_a(self) -> None:
        if self.link:
            self.page.links.append((" ".join("".join(self.link[1:]).split()), self.link[0]))
        self.link = None

    def handle_data(self, data: str) -> None:
        if "title" in self.stack and "svg" not in self.stack:
            self.page.title += data
        if self.area:
            self.area[1].append(data)
        if UNSEEN.isdisjoint(self.stack):
            self.said.append(data)
            if self.button:
                self.button.words += data
            if self.link:
                self.link.append(data)


def read(text: str) -> Page:
    reader = Reader()
    reader.feed(text)
    reader.page.words = " ".join("".join(f" {part}" for part in reader.said).split())
    return reader.page


def with_answers(fields: list[tuple[str, str]], answers: dict[str, object]) -> Iterator[tuple[str, str]]:
    """What the browser sends once these answers are given; None takes a field away, a list gives several."""
    for name, value in fields:
        if name not in answers:
            yield name, value
    for name, answer in answers.items():
        for value in answer if isinstance(answer, list) else [answer]:
            if value is not None:
                yield name, str(value)
