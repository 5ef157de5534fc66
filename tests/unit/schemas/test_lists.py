from schemas import lists

CONTRACT = {
    "USES": "song parameter audio temporal training",
    "PARAMETERS": "melody harmony rhythm timbre structure lyrics voice guitar bass drums keys "
    "strings winds production mood genre",
    "ROLES": "melody harmony rhythm timbre structure lyrics lead accompaniment bass drums",
    "PURPOSES": "personal educational entertainment advertising political religious explicit",
    "CHANNELS": "session download streaming video_platform broadcast sync physical",
    "TIERS": "audition preview private non_commercial commercial",
    "CAPACITIES": "owner publisher writer performer representative",
    "SIDES": "master publishing",
    "MODULES": "generator codec text_encoder retrieval tokenizer separator",
    "VOCALS": "none synthetic performers",
    "PARTY_KINDS": "person organization",
    "KEY_ROLES": "registrar platform finance worker process intake entry checkpoint auditor holder "
    "creator streaming_service operator",
}


def test_the_lists_are_closed_and_as_the_contract_has_them() -> None:
    found = {name: value for name, value in vars(lists).items() if isinstance(value, tuple)}
    assert {name: " ".join(values) for name, values in found.items()} == CONTRACT


def test_the_lists_have_a_version() -> None:
    assert lists.LISTS_VERSION == "2026-11"
