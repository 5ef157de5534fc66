"""What the typed door takes, and what it adds: found in the schemas, so that nothing is missed."""

from schemas.ids import PREFIXES
from schemas.registry import COMMANDS
from service.api.offered import NEW_IDS, READ_FIRST, offers


def test_every_command_is_offered_or_needs_a_key_of_its_own() -> None:
    alone = {name for name, _ in COMMANDS} - set(offers())
    assert alone == {
        "OpenLog",
        "EnrollKey",
        "FinishGeneration",
        "ReportManifestRead",
        "ReportFailure",
        "ExpireAuthorization",
        "CountRefusals",
        "PublishIndexRoot",
        "SettlePayout",
        "FailPayout",
        "ReturnPayout",
    }


def test_every_place_of_a_private_value_is_known() -> None:
    assert {name: found.private for name, found in offers().items() if found.private} == {
        "RegisterParty": ("/name",),
        "RecordScreening": ("/evidence",),
        "ReplacePayeeDetails": ("/details",),
        "VerifyGeneration": ("/request/prompt",),
        "AuthorizeGeneration": ("/request/prompt",),
    }


def test_every_place_of_a_local_time_is_known() -> None:
    window = ("/effective_from", "/effective_until")
    inside = ("/consent/effective_from", "/consent/effective_until")
    assert {name: found.dates for name, found in offers().items() if found.dates} == {
        "GrantMandate": window,
        "ClaimShare": window,
        "GrantConsent": inside,
        "ChangeConsent": (*inside, "/effective_from"),
        "RevokeConsent": ("/effective_from",),
        "PublishTariff": window,
    }


def test_every_id_that_the_door_makes_is_a_field_of_that_kind() -> None:
    for name, made in NEW_IDS.items():
        assert name in offers()
        for pointer, prefix in made.items():
            assert prefix in PREFIXES
            model = offers()[name].command
            *path, last = pointer.strip("/").split("/")
            for part in path:
                annotation = model.model_fields[part].annotation
                model = next(
                    each
                    for each in (annotation, *getattr(annotation, "__args__", ()))
                    if hasattr(each, "model_fields")
                )
            assert last in model.model_fields


def test_operations_are_named_verb_noun() -> None:
    assert offers()["GrantConsent"].operation_id == "grant_consent"
    assert offers()["LinkRecordingToWork"].operation_id == "link_recording_to_work"


def test_a_no_needs_no_reading_first() -> None:
    assert "RevokeConsent" not in {command.__name__ for command in READ_FIRST}
