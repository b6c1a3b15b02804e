"""The values of answers, held to the form of the facts that they tell: by the same schema as update-facts."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from referrals.boundary.schemas.fields import Fault, Text, faults, load
from referrals.boundary.schemas.steps import FactsTold
from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Actor
from referrals.models.referral import Referral
from referrals.pathway.answering import facts_told, faults_of_answers, names_of, place_of
from referrals.pathway.questions import Asked, question_meant, questions_of

Body = Mapping[str, Any]
_TEXT = Text()
_BLANK = Fault("blank", "This must not be blank.")


def checked(step: str, session: Session, actor: Actor, referral: Referral, body: Body) -> dict[str, Any]:
    """The body with every value in its form. What is asked is known to the database alone, so no schema can say it."""
    sent = dict(body)
    if step != "answer-information":
        return sent
    questions = questions_of(session, referral.id)
    asked = question_meant(questions, sent.get("request"))[0]
    if asked is None:
        return sent  # the step says why
    wrong = [*_not_words(asked, sent["answers"]), *_blank(sent["answers"])]
    facts = _facts(asked, sent["answers"], wrong)
    if wrong:
        raise Invalid([*wrong, *faults_of_answers(session, actor, questions, sent)])
    return sent | {"answers": [_spelled(asked, each, facts) for each in sent["answers"]]}


def _facts(asked: Asked, answers: list[Body], wrong: list[FieldError]) -> Body:
    try:
        return load(FactsTold(), facts_told(asked, answers))
    except Invalid as refusal:
        at = {error: _place(error.pointer, asked, answers) for error in refusal.errors}
        told = {error.pointer for error in wrong}
        wrong += [FieldError(where, error.code, error.message) for error, where in at.items() if where not in told]
        return {}


def _place(pointer: str, asked: Asked, answers: list[Body]) -> str:
    return place_of("/patient/pregnant" if pointer == "/pregnant" else pointer, asked, answers)


def _not_words(asked: Asked, answers: list[Body]) -> Iterator[FieldError]:
    """What was asked in words, or as a document, is answered in words."""
    wordy = {str(item.id) for item in asked.items if item.field is None}
    for place, each in enumerate(answers):
        if "value" in each and str(each["item"]) in wordy:
            try:
                _TEXT.deserialize(each["value"])
            except ValidationError as error:
                yield from faults(error.messages, f"/answers/{place}/value")


def _blank(answers: list[Body]) -> Iterator[FieldError]:
    for place, each in enumerate(answers):
        if "value" in each and each["value"] in (None, {}):
            yield FieldError(f"/answers/{place}/value", _BLANK.code, _BLANK.message)


def _spelled(asked: Asked, answer: Body, facts: Body) -> Body:
    """A code in its usual spelling, a text without blanks around it."""
    field = next((item.field for item in asked.items if str(item.id) == str(answer["item"])), None)
    if "value" not in answer or field is None:
        return {**answer, "value": answer["value"].strip()} if "value" in answer else answer
    value: Any = facts
    for name in names_of(field):
        value = value[name]
    return {**answer, "value": value}
