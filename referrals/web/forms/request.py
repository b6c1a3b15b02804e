"""The fifth topic of the referral form: what is asked, by when, and how an answer would help."""

from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option, Repeat, options_of
from referrals.web.words import LANGUAGE, NEEDED_BY, PURPOSE

NOT_SAID = Option("", "Not said")

QUESTION: tuple[Group, ...] = (
    group_of(
        Field("purposes", "What is it for?", Kind.BOXES, "/purposes", options=options_of(PURPOSE), is_required=True),
        Repeat(
            "questions",
            "Question",
            "/questions",
            (
                Field(
                    "text",
                    "Question to the specialist",
                    Kind.AREA,
                    hint="One question in your own words, such as: Is surgery possible after this chemotherapy?",
                    is_required=True,
                ),
            ),
            add="Add another question",
        ),
        Field("summary", "Short summary", Kind.AREA, "/summary", hint="What a specialist should know beside the facts."),
    ),
    group_of(
        Field("needed_by_date", "Date", Kind.DATE, "/needed_by/date", width="m"),
        Field(
            "needed_by_kind",
            "What happens on that day?",
            Kind.SELECT,
            "/needed_by/kind",
            options=(NOT_SAID, *options_of(NEEDED_BY)),
            width="m",
        ),
        legend="Is there a date by which the opinion is needed?",
        hint="Leave it empty if there is none. A coordinator confirms the date.",
    ),
    group_of(
        Field("remote", "A written answer from afar is welcome", Kind.BOX, "/preferences/remote"),
        Field("max_distance_km", "Not farther than (km)", Kind.NUMBER, "/preferences/max_distance_km", width="s"),
        Field("answer_language", "Language of the answer", Kind.SELECT, "/preferences/language", options=(NOT_SAID, *options_of(LANGUAGE)), width="m"),
        legend="How to answer",
    ),
    group_of(
        Field("referring_clinician", "Clinician who answers for it", Kind.SELECT, "/referring_clinician/email"),
        legend="Who asks",
    ),
)  # fmt: skip
