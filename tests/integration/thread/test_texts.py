"""Texts that not every database keeps: one in the log would stop its readers for ever."""

from __future__ import annotations

import pytest

from schemas.commands.generations import VerifyGeneration
from schemas.commitments import Opening, commit
from schemas.ids import new_id
from service.instance import Instance
from tests.integration.thread.saying import Sayer, refuses
from tests.kit.instance import Place, signed

SALT = b"\x07" * 16


@pytest.fixture
def sayer(instance: Instance) -> Sayer:
    return Sayer(instance)


def test_a_text_that_no_database_keeps(sayer: Sayer) -> None:
    data = sayer.payload()["data"] | {"name": "Some\0body"}
    refuses(sayer.instance, sayer.say(data=data), "value_unknown")


def test_an_opening_with_a_text_that_no_database_keeps(instance: Instance, shared: Place) -> None:
    request = shared.request(instance, prompt=commit("wa\0rm", SALT))
    command = VerifyGeneration(verification=new_id("ver"), request=request)
    said = signed(instance.speaker(shared.creator), command)
    opening = Opening("/request/prompt", SALT, "wa\0rm")
    refuses(instance, said.raw, "value_unknown", openings=[opening])


def test_what_only_looks_like_such_a_text_is_taken(sayer: Sayer) -> None:
    data = sayer.payload()["data"] | {"name": "Some\\u0000body"}
    assert not sayer.instance.application.handle(sayer.say(data=data)).refused
