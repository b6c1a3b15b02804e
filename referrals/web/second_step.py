"""The page that asks for the second factor, between the password and everything else."""

from werkzeug.wrappers import Response

from referrals.domain.errors import FieldError
from referrals.pathway.second_factor import factors_of
from referrals.web import paths
from referrals.web.forms.bind import with_errors
from referrals.web.forms.proving import second_factor_form
from referrals.web.pages import Shown, render
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.session import Person, database

LOST = "Have you lost all of it? An administrator of your network can take your second factor off."


def second_factor_page(
    person: Person, *errors: FieldError, onward: str = "", kept: str = "", status: int = 200
) -> Response:
    with database().reading() as session:
        factors = factors_of(session, person.user)
    form = second_factor_form(factors.passkeys > 0, "" if onward == paths.HOME else onward, kept)
    back = Link("Sign in as somebody else", paths.SIGN_IN)
    page = FormPage("Your second factor", with_errors(form, errors), back, explains=(LOST,))
    return render(Shown("form.html", page, status=status), person)
