"""What went wrong, as a page: what happened, that nothing is lost, what to do next."""

from uuid import UUID

from flask import Response, g, request

from referrals.boundary.problems import Problem, problem_of
from referrals.boundary.schemas.fields import uuid_of
from referrals.boundary.trace import current_request_id, log_failure
from referrals.domain.errors import Erased, Forbidden, Invalid, NotAllowedNow, NotFound
from referrals.domain.lifecycle import STATUSES, STEPS, Status
from referrals.models.engine import is_unavailable
from referrals.pathway.scope import find_referral
from referrals.web import paths
from referrals.web.pages import Shown, dress, render
from referrals.web.presenters.problems import ProblemPage, problem_page, unknown_filter
from referrals.web.session import Person, database, signed_in

# People do not know preconditions: that somebody else was first is a conflict to them.
SHOWN_AS = {412: 409, 428: 400}
KEPT_HEADERS = ("Retry-After", "Allow")


def answer_failure(error: Exception) -> Response:
    """The page for any failure outside the machine doors."""
    problem = problem_of(error)
    if problem.status >= 500:
        log_failure(error)
    person = None if is_unavailable(error) else _who()
    g.problem = problem.word, problem.code
    page = _page_of(problem, error, person)
    answer = dress(render(Shown("problem.html", page, status=SHOWN_AS.get(problem.status, problem.status)), person))
    answer.headers.update({name: problem.headers[name] for name in KEPT_HEADERS if name in problem.headers})
    return answer


def _page_of(problem: Problem, error: Exception, person: Person | None) -> ProblemPage:
    code = current_request_id()
    if problem.status == 422 and request.method == "GET":  # only an address can be wrong then
        return unknown_filter(problem.status, request.path, code)
    href, action = _way_out(problem, person)
    return problem_page(problem.status, code=code, more=_sentences(error), href=href, action=action)


def _who() -> Person | None:
    """Whoever it is, if the database still says so: a page about a failure must not fail."""
    try:
        return signed_in()
    except Exception as second:
        log_failure(second)
        return None


def _sentences(error: Exception) -> tuple[str, ...]:
    """What the refusal itself says, where it says something to people."""
    if isinstance(error, NotAllowedNow):
        return (not_open_words(error),)
    if isinstance(error, Invalid):
        return tuple(each.message for each in error.errors)
    if isinstance(error, Erased):
        return (error.message,)
    if isinstance(error, Forbidden) and error.code != "not_this_actor":
        return (error.message,)
    return ()


def not_open_words(refusal: NotAllowedNow) -> str:
    step = STEPS[refusal.step].label if refusal.step in STEPS else "Change"
    return f"“{step}” is not open while the referral is “{STATUSES[Status(refusal.status)].label}”."


def _way_out(problem: Problem, person: Person | None) -> tuple[str, str]:
    """To where the same page can be asked for again, where that may help; to the referral that it was about."""
    if problem.status in (429, 503) and request.method == "GET":
        return request.path, ""
    referral_id = _referral_below(request.path)
    if problem.status < 500 and person is not None and person.held and referral_id and _may_read(person, referral_id):
        return paths.referral(referral_id), "Open the referral"
    return paths.HOME, ""


def _referral_below(path: str) -> UUID | None:
    """Of an address below a referral, such as that of a step."""
    _, place, name, *below = [*path.split("/"), "", ""]
    return uuid_of(name) if f"/{place}" == paths.MY_REFERRALS and any(below) else None


def _may_read(person: Person, referral_id: UUID) -> bool:
    try:
        with database().reading() as session:
            find_referral(session, person.actor, referral_id)
    except (NotFound, Erased):
        return False
    return True
