"""The letter to the patient, in plain words: what was asked, or what the specialists say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from referrals.domain.letters import Addressee, Language, Letter, NoLetter
from referrals.domain.vocabulary import Purpose
from referrals.models.opinion import Opinion
from referrals.pathway.letters import Correspondence
from referrals.web import paths
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.problems import ProblemPage
from referrals.web.presenters.tags import full_name
from referrals.web.presenters.times import Moment
from referrals.web.tongues import Tongue

LANGUAGES: Mapping[Language, str] = {Language.ENGLISH: "English", Language.SPANISH: "Español"}
LETTERS: Mapping[Letter, str] = {Letter.REQUEST: "On the request", Letter.ANSWER: "On the answer"}


WHY_NONE: Mapping[NoLetter, tuple[str, ...]] = {
    NoLetter.DIED: ("The patient has died. No letter is written any more.", "If this is not so, correct the date of death first."),
    NoLetter.NOT_SENT: ("The referral has not been sent yet, so there is nothing to tell.",),
    NoLetter.ENDED: ("The referral ended without an opinion. Tell the patient in person.",),
}  # fmt: skip
RELEASE = "release-summary"


@dataclass(frozen=True)
class Section:
    """`lead` comes before the quotes."""

    heading: str
    lines: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    lead: str = ""
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What stands on the paper. `phone` is followed by a line to write the number on."""

    lang: str
    sender: str
    date: str
    to: str
    subject: str
    number: str
    sections: tuple[Section, ...]
    phone: str
    closing: str
    signed: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A language or a letter that the page may show instead."""

    words: str
    href: str
    lang: str
    is_current: bool


@dataclass(frozen=True)
class LetterPage:
    """`summary` is what the clinician may release; "" where there is nothing, or nothing new, to release."""

    reference: str
    back: Link
    sheet: Sheet
    languages: tuple[Choice, ...]
    letters: tuple[Choice, ...]
    released: str
    summary: str
    release_href: str
    version: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class _Writer:
    """One letter while it is written: whom it is about, in whose words, on which day."""

    told: Correspondence
    tongue: Tongue
    now: datetime

    @property
    def name(self) -> str:
        patient = self.told.record.patient
        return full_name({"given_name": patient.given_name, "family_name": patient.family_name})

    @property
    def clinic(self) -> str:
        return self.told.record.organization.name

    @property
    def doctor(self) -> str:
        clinician = self.told.record.clinician
        return clinician.name if clinician else self.clinic

    @property
    def doctor_at_clinic(self) -> str:
        return self.doctor if self.doctor == self.clinic else f"{self.doctor} ({self.clinic})"

    @property
    def is_to_patient(self) -> bool:
        return self.told.addressee is Addressee.PATIENT


def letter_page(
    letter: Letter,
    told: Correspondence,
    tongue: Tongue,
    now: datetime,
    may_release: bool,
    notices: tuple[Notice, ...] = (),
) -> LetterPage:
    own = told.record.referral
    to_release = told.opinion if may_release and told.release is None else None
    return LetterPage(
        reference=own.reference,
        back=Link(own.reference, paths.referral(own.id)),
        sheet=sheet(letter, told, tongue, now),
        languages=tuple(_language(letter, each, tongue.language, own.id) for each in LANGUAGES),
        letters=tuple(_letter(each, letter, tongue.language, own.id) for each in LETTERS) if told.release else (),
        released="" if to_release else _released(told, tongue.zone, now),
        summary=to_release.content["plain_summary"] if to_release else "",
        release_href=paths.referral(own.id, RELEASE),
        version=own.version,
        notices=notices,
    )


def _language(letter: Letter, language: Language, current: Language, referral_id: UUID) -> Choice:
    return Choice(LANGUAGES[language], paths.letter(referral_id, letter, language), language, language is current)


def _letter(letter: Letter, current: Letter, language: Language, referral_id: UUID) -> Choice:
    return Choice(LETTERS[letter], paths.letter(referral_id, letter, language), Language.ENGLISH, letter is current)


def _released(told: Correspondence, zone: ZoneInfo, now: datetime) -> str:
    if told.release is None:
        return "The answer is there. The patient reads it once the clinician has released it." if told.opinion else ""
    return f"The answer was released by {told.release.user_name} {Moment(now, zone).on(told.release.at)}."


def no_letter_page(why: NoLetter, referral_id: UUID) -> ProblemPage:
    return ProblemPage(
        409, "There is no letter", WHY_NONE[why], "Open the referral", paths.referral(referral_id), "info"
    )


def sheet(letter: Letter, told: Correspondence, tongue: Tongue, now: datetime) -> Sheet:
    writer = _Writer(told, tongue, now)
    return Sheet(
        lang=tongue.language,
        sender=writer.clinic,
        date=tongue.day(now),
        to=_to(writer),
        subject=_SUBJECTS[letter](tongue),
        number=tongue.gettext("Request number: %(number)s") % {"number": told.record.referral.reference},
        sections=tuple(_SECTIONS[letter](writer)),
        phone=tongue.gettext("Phone:"),
        closing=tongue.gettext("With kind regards"),
        signed=tuple(dict.fromkeys((writer.doctor, writer.clinic))),
    )


def _to(writer: _Writer) -> str:
    say = writer.tongue
    words = {
        Addressee.PATIENT: say.gettext("To %(name)s"),
        Addressee.PARENT: say.gettext("To the parent or guardian of %(name)s"),
        Addressee.REPRESENTATIVE: say.gettext("To the person who speaks for %(name)s"),
    }
    return words[writer.told.addressee] % {"name": writer.name}


_SUBJECTS: Mapping[Letter, Callable[[Tongue], str]] = {
    Letter.REQUEST: lambda say: say.gettext("A second opinion has been asked for"),
    Letter.ANSWER: lambda say: say.gettext("The second opinion is here"),
}


def _request(writer: _Writer) -> Iterator[Section]:
    yield _what_was_asked(writer)
    yield _who_looks(writer)
    yield _when(writer)
    yield _whom_to_call(writer)


def _answer(writer: _Writer) -> Iterator[Section]:
    opinion = writer.told.opinion
    if opinion is not None:
        yield _who_answered(writer, opinion)
        yield _what_they_say(writer, opinion)
        yield _what_next(writer)
    yield _whom_to_call(writer)


_SECTIONS: Mapping[Letter, Callable[[_Writer], Iterator[Section]]] = {Letter.REQUEST: _request, Letter.ANSWER: _answer}


def _asked(writer: _Writer) -> str:
    say = writer.tongue
    if writer.is_to_patient:
        words = say.gettext("On %(day)s, %(doctor)s asked other cancer specialists for their view of your illness.")
    else:
        words = say.gettext("On %(day)s, %(doctor)s asked other cancer specialists for their view of the illness of %(name)s.")  # fmt: skip
    sent = writer.told.record.referral.submitted_at
    return words % {"day": say.day(sent or writer.now), "doctor": writer.doctor, "name": writer.name}


def _what_was_asked(writer: _Writer) -> Section:
    say, referral = writer.tongue, writer.told.record.referral
    plain = _purposes(say)
    return Section(
        heading=say.gettext("What was asked"),
        lines=(_asked(writer), say.gettext("This is called a second opinion. These are the reasons:")),
        reasons=tuple(plain[purpose] for purpose in referral.purposes if purpose in plain),
        lead=say.gettext("These are the questions, in the words of the doctor. You may ask what they mean."),
        quotes=tuple(referral.questions),
    )


def _purposes(say: Tongue) -> dict[str, str]:
    return {
        Purpose.CONFIRM_DIAGNOSIS: say.gettext("To check that the diagnosis is right."),
        Purpose.TREATMENT_OPTIONS: say.gettext("To find out which treatments are possible."),
        Purpose.PEACE_OF_MIND: say.gettext("To be more certain, for the patient and the family."),
        Purpose.COMPLEX_CASE: say.gettext("Because experts from more than one field should look at it."),
    }


def _who_looks(writer: _Writer) -> Section:
    say = writer.tongue
    first = say.gettext("The team of %(network)s reads everything first. It then asks a cancer center that knows this illness well.")  # fmt: skip
    return Section(
        heading=say.gettext("Who looks at it"),
        lines=(
            first % {"network": writer.told.network},
            say.gettext("Specialists at that center look at the records and write an answer."),
        ),
    )


def _when(writer: _Writer) -> Section:
    say, due = writer.tongue, writer.told.record.referral.due_at
    lines = [_promised(writer, due)] if due else []
    talk = say.gettext("%(doctor)s will talk with you about the answer.") % {"doctor": writer.doctor}
    return Section(heading=say.gettext("When the answer comes"), lines=(*lines, talk))


def _promised(writer: _Writer, due: datetime) -> str:
    say, opinion = writer.tongue, writer.told.opinion
    if opinion is not None:
        return say.gettext("The answer came on %(day)s.") % {"day": say.day(opinion.signed_at)}
    if due < writer.now:
        return say.gettext("It was promised by %(day)s and is late. Call and ask about it.") % {"day": say.day(due)}
    return say.gettext("It is promised by %(day)s. If it is not there by then, call and ask about it.") % {"day": say.day(due)}  # fmt: skip


def _whom_to_call(writer: _Writer) -> Section:
    say = writer.tongue
    call = say.gettext("If you have questions, call %(doctor)s and say the number at the top of this letter.")
    return Section(
        heading=say.gettext("Whom to call"),
        lines=(
            call % {"doctor": writer.doctor_at_clinic},
            say.gettext("If the illness gets worse, do not wait for any letter: call at once."),
        ),
    )


def _who_answered(writer: _Writer, opinion: Opinion) -> Section:
    say = writer.tongue
    signed = say.gettext("Specialists at %(center)s looked at the records. They signed their answer on %(day)s.")
    lines = [_asked(writer), signed % {"center": writer.told.center, "day": say.day(opinion.signed_at)}]
    if opinion.version > 1:
        lines.append(say.gettext("This answer has been changed. This letter takes the place of any earlier one."))
    return Section(heading=say.gettext("Who answered"), lines=tuple(lines))


def _what_they_say(writer: _Writer, opinion: Opinion) -> Section:
    say = writer.tongue
    return Section(
        heading=say.gettext("What the specialists say"),
        lead=say.gettext("These are their own words:"),
        quotes=(opinion.content["plain_summary"],),
    )


def _what_next(writer: _Writer) -> Section:
    say = writer.tongue
    talk = say.gettext("Talk with %(doctor)s about what this means.") % {"doctor": writer.doctor}
    return Section(
        heading=say.gettext("What happens next"),
        lines=(talk, say.gettext("The specialists give advice. What is done is decided together with you.")),
    )
