"""The first two topics of the referral form: who the patient is, and what the patient consented to."""

from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option, options_of
from referrals.web.words import GIVEN_BY, LANGUAGE, SEX

NOT_SAID = Option("", "Not said")

PATIENT: tuple[Group, ...] = (
    group_of(
        Field("given_name", "Given name", pointer="/patient/given_name", is_required=True),
        Field("family_name", "Family name", pointer="/patient/family_name", is_required=True),
        Field("birth_date", "Date of birth", Kind.DATE, "/patient/birth_date", is_required=True, width="m"),
        Field(
            "sex",
            "Sex",
            Kind.RADIOS,
            "/patient/sex",
            options=tuple(Option(option.value, option.label.capitalize()) for option in options_of(SEX)),
            is_required=True,
        ),
    ),
    group_of(
        Field(
            "record_number",
            "Your record number",
            pointer="/patient/identifiers/0/value",
            hint="The number of the patient at your organization. It finds the patient again next time.",
            width="m",
        ),
        Field("record_system", "", Kind.HIDDEN, "/patient/identifiers/0/system"),
        legend="Number",
    ),
    group_of(
        Field("language", "Language", Kind.SELECT, "/patient/language", options=(NOT_SAID, *options_of(LANGUAGE)), width="m"),
        Field("interpreter_needed", "Needs an interpreter", Kind.BOX, "/patient/interpreter_needed"),
        Field("phone", "Phone", Kind.TEL, "/patient/contact/phone", width="m"),
        Field("email", "Email", Kind.EMAIL, "/patient/contact/email"),
        Field("postal_code", "Postal code", pointer="/patient/postal_code", width="s"),
        legend="Contact and language",
    ),
    group_of(
        Field(
            "pregnant",
            "The patient is pregnant",
            Kind.BOX,
            "/patient/pregnant",
            hint="Pregnancy makes a referral at least urgent.",
        ),
        legend="Pregnancy",
    ),
)  # fmt: skip

CONSENT: tuple[Group, ...] = (
    group_of(
        Field(
            "consent_given",
            "The patient agrees that this referral is shared with specialist centers",
            Kind.BOX,
            "/consent/given",
            hint="Without consent a referral can be saved, and not sent.",
            is_required=True,
        ),
        Field("consent_given_on", "Given on", Kind.DATE, "/consent/given_on", is_required=True, width="m"),
        Field("consent_given_by", "Given by", Kind.RADIOS, "/consent/given_by", options=options_of(GIVEN_BY)),
    ),
    group_of(
        Field(
            "consent_until",
            "Ends on",
            Kind.DATE,
            "/consent/until",
            hint="Leave it empty if the consent has no end.",
            width="m",
        ),
        legend="Limits",
    ),
)
