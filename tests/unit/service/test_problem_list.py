"""The closed lists of problems: what can be raised below has a type, a status, a sentence."""

from generation.audio import AUDIO_ERRORS
from schemas.refusals import CONFLICTS, MALFORMED
from service.api.problem_list import AUDIO, PROBLEMS


def test_every_code_from_below_is_a_problem_type() -> None:
    assert set(MALFORMED) | set(CONFLICTS) <= set(PROBLEMS)


def test_every_fault_of_audio_has_a_sentence() -> None:
    assert set(AUDIO) == set(AUDIO_ERRORS)


def test_statuses_are_of_errors_and_sentences_are_sentences() -> None:
    for code, kind in PROBLEMS.items():
        assert 400 <= kind.status < 600, code
        assert kind.title[0].isupper(), code
        assert kind.url == f"/problems/{code.replace('_', '-')}"


def test_what_is_only_a_refusal_of_rights_is_no_problem_of_its_own() -> None:
    assert "consent_revoked" not in PROBLEMS
    assert PROBLEMS["permission_refused"].status == 403
