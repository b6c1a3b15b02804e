"""The page to sign in on; who is led there, and where they come out again."""

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import current_app, request, session as cookie
from sqlalchemy import select
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from referrals.domain.errors import FieldError
from referrals.domain.people import Role
from referrals.domain.second_factor import Lacks
from referrals.models.user import Membership, User
from referrals.pathway.accounts import DEMO_PASSWORD
from referrals.pathway.second_factor import factors_of
from referrals.pathway.sign_in import whose_session
from referrals.web import paths
from referrals.web.forms.account import sign_in_form
from referrals.web.forms.bind import with_errors
from referrals.web.forms.proving import passkey_proof, proof_form
from referrals.web.kept import Typed, author, open_typed, seal_typed, typed_now
from referrals.web.pages import Shown, go, notices, render
from referrals.web.presenters.form_page import DemoPerson, FormPage, GoOnPage, SignInPage
from referrals.web.presenters.notices import Link, Notice
from referrals.web.session import Person, at_the_cookie, database, leave_nothing_behind, now, signed_in
from referrals.web.single_sign_on import is_only_way, proof_button, sign_in_button
from referrals.web.words import ROLE

NOWHERE = frozenset(
    {paths.HOME, paths.SIGN_IN, paths.SIGNED_OUT, paths.SECOND_FACTOR, paths.SINGLE_SIGN_ON_BACK, paths.PROVE}
)
PROOF_WHY = "What you want to do needs a proof from the last ten minutes."
STILL_THERE = "What you typed is kept, and nothing of it is done yet."
RAN_OUT = Notice("info", "You were signed out", "Your session had ended. Sign in again: what you typed is kept.")


def to_sign_in() -> Response:
    """Whoever wanted to see something is led back to it; whoever had typed something gets it back."""
    if lacks := lacking_now():
        return next_step(lacks)
    leave_nothing_behind()
    if request.method == "GET":
        wanted = request.full_path.rstrip("?")
        return _redirect("" if request.path in NOWHERE else wanted)
    return _kept_for(last_person())


def next_step(lacks: Lacks, onward: str = "") -> Response:
    """To what somebody still has to do whose password was right."""
    if lacks is Lacks.SET_UP:
        return _to(paths.SECURITY, "")
    return _to(paths.SECOND_FACTOR, onward)


def back_here() -> Response:
    """Whoever sent a file while their session ran out chooses it again: no browser gives one back."""
    lacks = lacking_now()
    return next_step(lacks) if lacks else _redirect(request.path)


def lacking_now() -> Lacks | None:
    person = at_the_cookie()
    return person.lacks if person is not None else None


def give_back() -> Response:
    """A form whose cookie has changed since: nothing is done, and only whom it was made for gets it back."""
    person, meant = signed_in(), author()
    if person is None:
        leave_nothing_behind()
        return _kept_for(meant)
    typed = typed_now()
    if person.user.id != meant or not typed.fields:
        raise BadRequest
    return go_on(typed, status=400)


def go_on(typed: Typed, status: int = 200) -> Response:
    """Back into the form that was being written: one button sends it as a form of now."""
    back = own_path(urlsplit(typed.path).path)
    return render(Shown("go_on.html", GoOnPage(typed.path, tuple(typed.fields), back), status=status), signed_in())


def after_proof(user: User, onward: str, kept: str) -> Response:
    """To the page that was wanted; or back into the form that was being written, if it is the same person."""
    typed = open_typed(kept, user.id, now())
    return go(onward) if typed is None else go_on(typed)


def _kept_for(user_id: UUID | None) -> Response:
    page = own_path(request.path if leads_to_a_page(request.path) else request.path.rpartition("/")[0])
    kept = seal_typed(user_id, now()) if user_id else ""
    return sign_in_page(onward=page, kept=kept, status=401) if kept else _redirect(page)


def _redirect(wanted: str) -> Response:
    return _to(paths.SIGN_IN, wanted)


def _to(page: str, wanted: str) -> Response:
    query = f"?{urlencode({'next': wanted})}" if wanted and wanted != paths.HOME else ""
    return Response(status=303, headers={"Location": f"{page}{query}"})


def to_proof() -> Response:
    """Whoever has not proved themselves lately does so first, and comes back with what they had typed."""
    person = signed_in()
    if person is None:
        return to_sign_in()
    if request.method == "GET":
        return _to(paths.PROVE, own_path(request.full_path.rstrip("?")))
    page = own_path(request.path if leads_to_a_page(request.path) else request.path.rpartition("/")[0])
    kept = seal_typed(person.user.id, now())
    return proof_page(person, onward=page, kept=kept, status=401) if kept else _to(paths.PROVE, page)


def proof_page(person: Person, *errors: FieldError, onward: str = "", kept: str = "", status: int = 200) -> Response:
    there = "" if onward == paths.HOME else onward
    with database().reading() as session:
        factors = factors_of(session, person.user)
        has_passkey = factors.passkeys > 0
        beside = proof_button(session, person.user, there, kept, passkey_proof(has_passkey))
    form = proof_form(factors.is_set_up, has_passkey, there, kept)
    if beside is not None and person.user.password_hash is None:
        form, beside = beside, None
    explains = (PROOF_WHY, *((STILL_THERE,) if kept else ()))
    back = Link("Go back", onward or paths.HOME)
    page = FormPage("Prove that it is you", with_errors(form, errors), back, explains=explains, beside=beside)
    return render(Shown("form.html", page, status=status), person)


def last_person() -> UUID | None:
    """Whose session the cookie names or has named."""
    with database().reading() as session:
        return whose_session(session, str(cookie.get("_user_id", "")))


def sign_in_page(*errors: FieldError, email: str = "", onward: str = "", kept: str = "", status: int = 200) -> Response:
    """`kept` is what somebody typed while their session ran out, sealed."""
    there = "" if onward == paths.HOME else onward
    form = with_errors(sign_in_form(email, there, kept), errors)
    said = (*notices(), *((RAN_OUT,) if kept else ()))
    page = SignInPage(
        form,
        said,
        demo_people(),
        DEMO_PASSWORD,
        single_sign_on=sign_in_button(there, kept),
        asks_password=not is_only_way(),
    )
    return render(Shown("sign_in.html", page, status=status), None)


def demo_people() -> tuple[DemoPerson, ...]:
    """As whom anybody may try it out. Production has none of them."""
    if current_app.config["SETTINGS"].in_production:
        return ()
    query = (
        select(User.email, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(User.is_demo, User.active)
        .order_by(Membership.id)
    )
    with database().reading() as session:
        return tuple(DemoPerson(ROLE[Role(role)], email) for email, role in session.execute(query))


def own_path(wanted: str | None) -> str:
    """The address to go on to, if it is a page of ours; else the start page. Never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return paths.HOME
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or parts.path in NOWHERE or not leads_to_a_page(parts.path):
        return paths.HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def leads_to_a_page(path: str) -> bool:
    """A page of the dashboard: neither a machine's address nor a file."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not adapter.test(path, method="GET"):
        return False
    endpoint, _ = adapter.match(path, method="GET")
    return str(endpoint).startswith("web.") and endpoint != "web.static"
