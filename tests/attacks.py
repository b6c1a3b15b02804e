"""Which tests are attacks, and of what kind: what a run counts, prints at its end, and `-m attack` chooses."""

from collections.abc import Mapping

# A file, or a file and one test in it.
ATTACKS: Mapping[str, tuple[str, ...]] = {
    "strangers at every address": (
        "tests/api/test_strangers.py",
        "tests/web/test_every_route.py::test_a_stranger_is_led_to_the_door_from_everywhere",
        "tests/web/test_every_route.py::test_an_outsider_cannot_tell_a_record_from_nothing",
        "tests/web/test_every_route.py::test_a_malformed_id_is_an_unknown_one",
        "tests/web/test_every_route.py::test_the_network_does_not_see_a_draft",
        "tests/web/test_every_route.py::test_who_only_reads_changes_nothing",
        "tests/web/test_every_route.py::test_the_machine_doors_do_not_know_the_cookie",
        "tests/web/test_denials.py",
    ),
    "tokens and scopes": (
        "tests/api/test_scopes.py",
        "tests/api/test_tokens.py",
        "tests/api/test_token_care.py",
    ),
    "columns set from outside": (
        "tests/api/test_mass_assignment.py",
        "tests/api/test_webhooks.py::test_no_column_can_be_set_from_outside",
    ),
    "forged forms": (
        "tests/web/test_every_route.py::test_no_post_works_without_a_token_or_from_another_site",
        "tests/web/test_cookie_changed.py",
    ),
    "reading that would write": (
        "tests/web/test_every_route.py::test_a_page_changes_no_row_is_kept_by_nobody_and_notes_who_looked",
        "tests/api/test_every_call.py::test_whatever_is_read_changes_no_row",
        "tests/models/test_sessions.py::test_a_reading_session_refuses_to_write",
        "tests/models/test_sessions.py::test_the_database_itself_refuses_what_a_reading_session_slips_past_us",
    ),
    "scripts and formulas": (
        "tests/browser/live/test_harmful_texts.py::test_what_was_written_stands_in_pages_as_text",
        "tests/browser/live/test_harmful_texts.py::test_no_cell_of_a_sheet_is_a_formula",
        "tests/browser/live/test_harmful_texts.py::test_nothing_runs_in_a_browser",
        "tests/boundary/test_sheets.py",
    ),
    "SQL injection": (
        "tests/browser/live/test_harmful_texts.py::test_no_parameter_of_a_page_becomes_a_part_of_a_statement",
        "tests/api/test_injection.py",
        "tests/api/test_sqlmap.py",
    ),
    "sessions": (
        "tests/web/test_sign_in.py::test_the_cookie_is_out_of_reach_for_scripts_and_other_sites",
        "tests/web/test_sign_in.py::test_the_database_keeps_only_the_digest_of_a_session",
        "tests/web/test_sign_in.py::test_signing_in_makes_a_new_session_and_ends_the_one_before",
        "tests/web/test_sign_in.py::test_a_cookie_that_was_planted_before_signing_in_opens_nothing_after_it",
        "tests/web/test_sign_in.py::test_a_token_from_before_signing_in_is_worth_nothing_after_it",
        "tests/web/test_sign_in.py::test_after_signing_out_a_copy_of_the_cookie_opens_nothing",
        "tests/web/test_sign_in.py::test_a_session_ends_after_a_quarter_of_an_hour_without_a_sign_of_life",
        "tests/web/test_sign_in.py::test_a_session_ends_after_twelve_hours_however_busy_it_is",
        "tests/web/test_sign_in.py::test_a_closed_account_and_a_new_password_end_every_session_at_once",
        "tests/web/test_sign_in.py::test_nobody_is_led_anywhere_else_after_signing_in",
        "tests/web/test_sign_in.py::test_nobody_acts_for_an_organization_that_they_do_not_belong_to",
        "tests/web/test_proofs.py",
    ),
    "who has an account": (
        "tests/web/test_sign_in.py::test_a_wrong_password_an_unknown_address_and_a_closed_account_get_the_same_answer",
        "tests/web/test_sign_in.py::test_an_unknown_address_costs_the_work_of_a_wrong_password",
        "tests/web/test_sign_in.py::test_no_address_is_kept_in_a_counter",
        "tests/web/test_second_factor.py::test_an_unknown_address_costs_the_statements_of_a_wrong_password",
        "tests/web/test_passwords.py::test_nobody_learns_who_has_an_account",
        "tests/pathway/test_accounts.py::test_a_password_is_checked_at_full_cost_for_somebody_who_does_not_exist",
    ),
    "guessing": (
        "tests/web/test_sign_in.py::test_tries_for_one_account_are_counted_from_wherever_they_come",
        "tests/web/test_sign_in.py::test_the_right_password_is_refused_too_while_there_were_too_many_tries",
        "tests/web/test_sign_in.py::test_tries_from_one_address_are_counted_whatever_the_account",
        "tests/faults/test_two_servers.py::test_guesses_at_two_servers_are_counted_together",
        "tests/boundary/test_limits.py",
        "tests/domain/test_passwords.py",
    ),
    "second factors": (
        "tests/web/test_second_factor.py",
        "tests/web/test_passkeys.py",
        "tests/web/test_passwords.py",
    ),
    "forged assertions": ("tests/api/test_assertions.py",),
    "forged sign-ins elsewhere": (
        "tests/web/test_single_sign_on.py",
        "tests/boundary/test_id_tokens.py",
    ),
    "hostile JSON": (
        "tests/api/test_hostile.py",
        "tests/api/test_extremes.py",
        "tests/api/test_every_call.py",
        "tests/api/test_schemathesis.py",
        "tests/boundary/test_strict_json.py",
    ),
    "odd requests": (
        "tests/faults/test_two_servers.py::test_an_odd_request_is_refused_or_hung_up_on_and_no_second_one_hides_in_it",
    ),
    "hostile files": (
        "tests/api/test_hostile_files.py",
        "tests/api/test_documents.py",
        "tests/web/test_documents.py",
    ),
    "calls to the inside": ("tests/boundary/test_outgoing.py",),
    "forged webhooks": (
        "tests/worker/test_webhooks.py::test_messages_are_signed_with_both_secrets_while_they_overlap",
        "tests/worker/test_webhooks.py::test_a_locked_secret_opens_in_its_own_row_alone",
        "tests/domain/test_webhooks.py",
    ),
    "all at once": (
        "tests/faults/test_at_once.py",
        "tests/faults/test_two_servers.py::test_one_key_at_once_at_two_servers_is_worked_for_once",
        "tests/api/test_everything_at_once.py",
        "tests/api/test_repeats.py",
        "tests/models/test_sessions.py::test_two_writers_who_read_first_lose_no_update",
    ),
    "more than one may": (
        "tests/web/test_accounts.py::test_the_last_administrator_stays_and_nobody_unmakes_themselves",
        "tests/web/test_accounts.py::test_an_administrator_of_a_provider_sees_and_changes_their_own_people_only",
        "tests/web/test_accounts.py::test_nobody_but_administrators_sees_accounts",
        "tests/web/test_break_glass.py",
        "tests/domain/test_permissions.py",
    ),
    "tampering": (
        "tests/worker/test_seals.py",
        "tests/models/test_grants.py",
        "tests/models/test_vault.py",
    ),
}
KIND_AT: Mapping[str, str] = {place: kind for kind, places in ATTACKS.items() for place in places}


def kind_of(test: str) -> str | None:
    """The kind of attack that a test is, by its place without parameters."""
    name = test.partition("[")[0]
    return KIND_AT.get(name) or KIND_AT.get(name.partition("::")[0])
