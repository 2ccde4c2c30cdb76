"""The first text of a mapping asks what only a person can say."""

from __future__ import annotations

import pytest

from bridge.authoring.draft import draft
from bridge.hooks import folder
from bridge.hooks.folder import judge
from bridge.model import Answer, Event, Kind, Severity
from bridge.zoho import MailingList, Snapshot

PRESETS = folder.load_presets()


def _event(**rest: object) -> Event:
    answers = (
        Answer(key="q1", value="friend@example.net", label="Whom to invite?"),
        Answer(key="q2", value="ada@example.com", label="Your address"),
    )
    return Event(item=0, kind=Kind.SUBMISSION, answers=answers, **rest)  # type: ignore[arg-type]


def test_two_email_questions_leave_a_choice_and_no_guess() -> None:
    text = draft(
        PRESETS["typeform"], name="x", event=_event(ambiguous={"email": ("Whom to invite? (q1)", "Your address (q2)")})
    )
    assert "Lead Email:   contact.email\n" in text
    assert "# Lead Email:" in text
    for key, label in (("q1", "Whom to invite? (q1)"), ("q2", "Your address (q2)")):
        (line,) = [line for line in text.splitlines() if f"{{answer: {key}}}" in line]
        assert line.startswith("  # Lead Email:")
        assert label in line


def test_a_draft_with_a_choice_can_be_read() -> None:
    text = draft(PRESETS["typeform"], name="x", event=_event(ambiguous={"email": ("Whom\nto # invite? (q1)", "q2")}))
    found = folder.judge(text, name="x", file="x.yaml", presets=PRESETS)
    assert [problem for problem in found.problems if problem.severity.name == "ERROR"] == []


def test_a_draft_proposes_what_to_do_for_people_who_leave_where_the_sender_can_tell() -> None:
    assert "#   when: {from: kind, is: unsubscribe}\n" in draft(PRESETS["mailchimp"], name="x")
    assert "withdraw" not in draft(PRESETS["typeform"], name="x")


def test_what_a_draft_proposes_can_be_read_once_the_marks_are_taken_away() -> None:
    for preset in PRESETS.values():
        text = draft(preset, name="x")
        start = text.find("# withdraw:")
        if start < 0:
            continue
        block = "".join(line.removeprefix("# ") for line in text[start:].splitlines(keepends=True)[:4])
        found = folder.judge(text + block, name="x", file="x.yaml", presets=PRESETS)
        assert [problem for problem in found.problems if problem.severity.name == "ERROR"] == [], preset.name


def _draft(preset: str, *answers: Answer, snapshot: Snapshot | None = None) -> str:
    return draft(
        PRESETS[preset], name="x", event=Event(item=0, kind=Kind.SUBMISSION, answers=answers), snapshot=snapshot
    )


def test_a_sender_of_ids_gets_its_fetch_line() -> None:
    assert "fetch: {token: X_ACCESS_TOKEN}" in draft(PRESETS["meta-lead-ads"], name="x")


def test_what_is_true_for_everybody_is_not_offered_as_consent() -> None:
    text = _draft(
        "json",
        Answer(key="is-contact", value=True),
        Answer(key="q8", value=["Yes, you may send me the newsletter"]),
        Answer(key="c", value=True, label="May we write to you?"),
        Answer(key="may_we_email_you?", value="yes"),
        Answer(key="q6_typeA6", value="Yes, please send me news"),
        Answer(key="q9", value="Yes, call me under 12345"),
        Answer(key="q10", value="Ja, gerne"),
    )
    assert "is-contact}" not in text.split("lead:")[0]
    assert '# consent: {answer: q8, contains: "Yes, you may send me the newsletter"}' in text
    assert '# consent: {answer: "May we write to you?"}' in text
    assert '# consent: {answer: "may_we_email_you?"}' in text
    assert '# consent: {answer: q6_typeA6, contains: "Yes, please send me news"}' in text
    assert '# consent: {answer: q10, contains: "Ja, gerne"}' in text
    assert "q9, contains" not in text


def test_a_consent_of_the_preset_is_offered_where_the_submission_has_it() -> None:
    named = "# consent: {answer: acceptance, agreed: true}"
    assert named in draft(PRESETS["elementor"], name="x")
    assert named in _draft("elementor", Answer(key="acceptance", value="on"))
    assert named not in _draft("elementor", Answer(key="acc", value="on", label="Newsletter?"))


def test_a_question_that_bears_a_fields_name_is_offered_as_that_field() -> None:
    text = _draft(
        "json",
        Answer(key="q1", value="1991-03-04", label="Date of birth"),
        Answer(key="q2", value={"year": "1991", "month": "3", "day": "4"}, label="Start?"),
    )
    assert "# Date of Birth: {answer: Date of birth, as: date}" in text
    assert '# My Field: {answer: "Start?", as: date}' in text


def test_the_accounts_own_lists_and_journeys_are_proposed() -> None:
    lists = tuple(MailingList(name=name, key=name, is_public=False) for name in ("News, monthly", "Webinar"))
    text = _draft("json", snapshot=Snapshot(taken_at=0, lists=lists))
    assert '#   - subscribe: {list: "News, monthly"}' in text
    assert "#   - subscribe: {list: Webinar}" in text
    assert "Welcome" not in text


def test_people_who_leave_are_taken_off_a_list_of_the_account() -> None:
    lists = (MailingList(name="News, monthly", key="1", is_public=False),)
    text = _draft("hubspot", snapshot=Snapshot(taken_at=0, lists=lists))
    assert '#     - unsubscribe: {list: "News, monthly"}' in text
    assert "Newsletter" not in text


def test_a_question_known_by_its_key_is_proposed_with_its_text_in_a_comment() -> None:
    answers = (
        Answer(key="q3_email", value="ada@example.com", label="q3_email"),
        Answer(key="q6_dateOf", value={"month": "03", "day": "04", "year": "1991"}, label="q6_dateOf"),
        Answer(key="q8_mayWe", value=["Yes"], label="q8_mayWe"),
    )
    summary = "E-mail:ada@example.com, Date of birth:03/04/1991, May we write to you?:Yes"
    event = Event(item=0, kind=Kind.SUBMISSION, answers=answers, captions=summary)
    text = draft(PRESETS["jotform"], name="x", event=event)
    assert "# consent: {answer: q8_mayWe}   # May we write to you?\n" in text
    assert "# Date of Birth: {answer: q6_dateOf, as: date}   # Date of birth\n" in text
    assert "as the form asks it" not in text


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_consent_that_a_preset_offers_is_accepted_by_check(name: str) -> None:
    lines = draft(PRESETS[name], name="x").replace("# actions:", "actions:").replace("#   - ", "  - ").splitlines()
    for offered in [line for line in lines if line.startswith("# consent: ")]:
        text = "\n".join(line.removeprefix("# ") if line == offered else line for line in lines)
        problems = judge(text, name="x", file="x.yaml", presets=PRESETS).problems
        assert not [one for one in problems if one.severity is Severity.ERROR], (offered, problems)
