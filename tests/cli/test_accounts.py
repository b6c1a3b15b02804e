"""Organizations, systems and people are let in from the terminal; exit status 0 done, 1 refused, 2 wrong use."""

import json

import pytest
from sqlalchemy import select

from referrals.boundary import clock
from referrals.domain.tasks import TaskKind
from referrals.models.assessment import Policy
from referrals.models.organization import ApiClient, Network, Organization
from referrals.models.second_factor import RecoveryCode
from referrals.models.task import Task
from referrals.models.trail import AuditEntry
from referrals.models.user import Membership, User
from referrals.pathway.client_proof import InvalidClient, prove_by_secret
from referrals.pathway.recovery_codes import make_codes
from referrals.pathway.sign_in import find_session, open_session, prove_person
from referrals.pathway.tasks import NewTask, raise_for_network

LAKESIDE = ["organization", "create", "Lakeside Hospital", "--code", "lakeside", "--kind", "provider"]
CLIENT = ["client", "create", "EHR", "--organization", "lakeside"]
PERSON = [
    "user",
    "create",
    "ada@lakeside.example",
    "--name",
    "Ada",
    "--role",
    "clinician",
    "--organization",
    "lakeside",
]


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words, **options: runner.invoke(args=[*words], **options)


@pytest.fixture
def lakeside(run):
    assert run(*LAKESIDE).exit_code == 0


def all_of(database, table):
    with database.reading() as session:
        return session.scalars(select(table)).all()


class TestOrganizations:
    def test_the_first_one_brings_a_network_with_rules_in_force(self, run, database):
        assert run(*LAKESIDE).exit_code == 0
        (organization,) = all_of(database, Organization)
        assert (organization.name, organization.code, organization.kind) == (
            "Lakeside Hospital",
            "lakeside",
            "provider",
        )
        assert len(all_of(database, Network)) == 1
        (policy,) = all_of(database, Policy)
        assert policy.status == "active"

    def test_those_that_follow_join_it(self, run, database, lakeside):
        run("organization", "create", "Net", "--code", "net", "--kind", "network", "--zone", "America/Chicago")
        run("organization", "create", "Summit", "--code", "summit", "--kind", "center", "--region", "Utah")
        assert {each.region for each in all_of(database, Organization)} == {None, "Utah"}
        assert len(all_of(database, Organization)) == 3
        (network,) = all_of(database, Network)
        assert (network.code, network.zone) == ("net", "America/Chicago")

    def test_a_code_is_given_once(self, run, lakeside):
        refused = run(*LAKESIDE)
        assert refused.exit_code == 1
        assert "lakeside" in refused.stderr

    def test_it_is_audited(self, run, database, lakeside):
        (entry,) = all_of(database, AuditEntry)
        assert (entry.action, entry.entity, entry.request_id) == ("create", "organization", "terminal")

    @pytest.mark.parametrize(
        "words",
        [
            ["Lakeside", "--code", "lakeside", "--kind", "hospital"],
            ["Lakeside", "--kind", "provider"],
            ["Lakeside", "--code", "lakeside"],
            ["--code", "lakeside", "--kind", "provider"],
            [" ", "--code", "lakeside", "--kind", "provider"],
            ["Lakeside", "--code", "lakeside", "--kind", "provider", "--zone", "UTC"],
            ["Net", "--code", "net", "--kind", "network", "--zone", "Mars/Olympus"],
        ],
    )
    def test_wrong_use_is_told_apart(self, run, words):
        assert run("organization", "create", *words).exit_code == 2


class TestClients:
    def test_one_json_object_is_printed_and_nothing_else(self, run, lakeside, database):
        made = run(*CLIENT, "--scope", "referrals:write", "--scope", "referrals:read")
        assert made.exit_code == 0
        answer = json.loads(made.stdout)
        assert list(answer) == ["client_id", "client_secret", "organization", "scopes"]
        assert answer["organization"] == "lakeside"
        assert sorted(answer["scopes"]) == ["referrals:read", "referrals:write"]
        assert made.stderr == ""
        with database.reading() as session:
            assert (
                prove_by_secret(session, answer["client_id"], answer["client_secret"], clock.now()).client.name == "EHR"
            )

    def test_the_secret_is_kept_nowhere(self, run, lakeside, database):
        secret = json.loads(run(*CLIENT, "--scope", "referrals:read").stdout)["client_secret"]
        (client,) = all_of(database, ApiClient)
        assert secret not in repr(vars(client))

    def test_an_unknown_organization_is_refused(self, run, lakeside):
        refused = run("client", "create", "EHR", "--organization", "nowhere", "--scope", "referrals:read")
        assert (refused.exit_code, refused.stdout) == (1, "")

    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["--scope", "everything"],
            ["--scope"],
            ["--scope", "events:read", "--jwks", "-", "--jwks-url", "https://x.example"],
        ],
    )
    def test_wrong_use_is_told_apart(self, run, lakeside, words):
        assert run(*CLIENT, *words).exit_code == 2

    def test_a_client_with_keys_has_no_secret_and_one_that_tries_things_out_is_in_the_sandbox(self, run, lakeside):
        scope = ("--scope", "events:read")
        with_keys = run(*CLIENT, *scope, "--jwks-url", "https://lakeside.example/keys", "--sandbox")
        assert list(json.loads(with_keys.stdout)) == ["client_id", "organization", "scopes"]
        refused = run(*CLIENT, *scope, "--jwks", "-", input='{"keys": []}')
        assert (refused.exit_code, "[no_keys]" in refused.stderr) == (1, True)
        run(*CLIENT, *scope)
        told = [json.loads(line) for line in run("client", "list").stdout.splitlines()]
        assert {(each["proves_itself_by"], each["sandbox"]) for each in told} == {("keys", True), ("secret", False)}

    def test_a_secret_is_renewed_and_a_client_switched_off(self, run, lakeside, database):
        made = json.loads(run(*CLIENT, "--scope", "events:read").stdout)
        name, old = made["client_id"], made["client_secret"]
        renewed = json.loads(run("client", "rotate", name, "--overlap", "2").stdout)
        assert renewed["old_secret_until"].endswith("Z")
        with database.reading() as session:
            for secret in (old, renewed["client_secret"]):
                assert prove_by_secret(session, name, secret, clock.now()).client.client_id == name
        assert run("client", "rotate", "nobody").exit_code == 1
        assert json.loads(run("client", "rotate", name, "--overlap", "0").stdout)["old_secret_until"] is None
        assert run("client", "revoke", name).exit_code == 0
        with database.reading() as session, pytest.raises(InvalidClient):
            prove_by_secret(session, name, renewed["client_secret"], clock.now())
        assert [each.action for each in all_of(database, AuditEntry) if each.entity == "client"] == [
            "create", "rotate", "rotate", "revoke",
        ]  # fmt: skip


class TestPeople:
    def test_a_password_is_made_shown_once_and_works(self, run, lakeside, database):
        made = run(*PERSON)
        assert made.exit_code == 0
        answer = json.loads(made.stdout)
        assert answer["roles"] == ["clinician"]
        with database.reading() as session:
            assert prove_person(session, "ada@lakeside.example", answer["password"])

    def test_one_that_is_handed_in_is_never_printed(self, run, lakeside, database):
        made = run(*PERSON, "--password-stdin", input="correct horse battery\n")
        assert made.exit_code == 0
        assert "correct horse" not in made.output
        assert "password" not in json.loads(made.stdout)
        with database.reading() as session:
            assert prove_person(session, "ada@lakeside.example", "correct horse battery")

    def test_a_password_is_not_taken_from_an_argument(self, run, lakeside):
        assert run(*PERSON, "--password", "correct horse battery").exit_code == 2

    def test_somebody_known_gains_a_role_and_keeps_the_password(self, run, lakeside, database):
        first = json.loads(run(*PERSON).stdout)
        again = run(*[word if word != "clinician" else "administrator" for word in PERSON])
        assert again.exit_code == 0
        assert "password" not in json.loads(again.stdout)
        assert sorted(each.role for each in all_of(database, Membership)) == ["administrator", "clinician"]
        with database.reading() as session:
            assert prove_person(session, "ada@lakeside.example", first["password"])

    def test_several_roles_may_be_given_at_once(self, run, lakeside, database):
        run(*PERSON, "--role", "administrator")
        assert len(all_of(database, Membership)) == 2

    def test_an_unknown_organization_is_refused_and_nothing_is_written(self, run, lakeside, database):
        assert run(*[word if word != "lakeside" else "nowhere" for word in PERSON]).exit_code == 1
        assert all_of(database, User) == []

    def test_somebody_is_invited_and_the_link_is_printed_once(self, run, lakeside, database, app):
        invited = run(*["invite" if word == "create" else word for word in PERSON])
        assert (invited.exit_code, invited.stdout[:10]) == (0, "/password/")
        assert all_of(database, User)[0].password_hash is None
        assert app.test_client().get(invited.stdout.strip()).status_code == 200

    def test_whoever_goes_hands_over_to_somebody_who_is_named(self, run, lakeside, database):
        run("organization", "create", "Network", "--code", "network", "--kind", "network")
        for name in ("first", "second"):
            run("user", "create", f"{name}@network.example", "--name", name, "--role", "coordinator", "--organization", "network")  # fmt: skip
        first, second = sorted(all_of(database, User), key=lambda each: each.email)
        with database.writing() as session:
            new = NewTask(TaskKind.CENTER_SILENT, first.id)
            raise_for_network(session, first.network_id, new, clock.now())
        assert "[required]" in run("user", "deactivate", first.email).stderr
        assert run("user", "deactivate", first.email, "--hand-over-to", "nobody@network.example").exit_code == 1
        assert run("user", "deactivate", first.email, "--hand-over-to", second.email).exit_code == 0
        assert [task.user_id for task in all_of(database, Task)] == [second.id]
        assert run("user", "deactivate", first.email).exit_code == 1
        assert all_of(database, AuditEntry)[-1].action == "deactivate"

    @pytest.mark.parametrize(
        "words",
        [
            [*PERSON[:2], "not-an-address", *PERSON[3:]],
            [word if word != "clinician" else "king" for word in PERSON],
            PERSON[:5],
        ],
    )
    def test_wrong_use_is_told_apart(self, run, lakeside, words):
        assert run(*words).exit_code == 2

    def test_a_short_password_is_wrong_use(self, run, lakeside):
        assert run(*PERSON, "--password-stdin", input="short\n").exit_code == 2

    def test_a_second_factor_is_taken_off_for_whoever_has_lost_everything(self, run, database, lakeside):
        run(*PERSON)
        (person,) = all_of(database, User)
        with database.writing() as session:
            make_codes(session, person, clock.now())
            secret = open_session(session, person, clock.now())
        assert run("user", "reset-second-factor", "Ada@lakeside.example").exit_code == 0
        assert run("user", "reset-second-factor", "nobody@lakeside.example").exit_code == 1
        assert all_of(database, RecoveryCode) == []
        with database.reading() as session:
            assert find_session(session, secret, clock.now()) is None
        entry = all_of(database, AuditEntry)[-1]
        assert (entry.action, entry.ids, entry.user_id) == ("second-factor-reset", [str(person.id)], None)


def test_a_database_without_tables_is_a_refusal_that_says_what_to_do(start_app, fresh_database_url):
    app = start_app(database_url=fresh_database_url)
    refused = app.test_cli_runner().invoke(args=LAKESIDE)
    assert refused.exit_code == 1
    assert "db upgrade" in refused.stderr
