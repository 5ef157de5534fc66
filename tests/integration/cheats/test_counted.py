"""An audit counts every signature that it has checked, also those inside of statements."""

from ledger.audit import StoreLog, audit
from tests.kit.instance import Place
from tests.kit.living import live


def test_a_workers_word_counts_where_its_rule_has_verified_it(place: Place) -> None:
    with place.open() as instance:
        live(instance, place)
        log = StoreLog(instance.store, origin=instance.facts.origin)
        vkey = instance.facts.checkpoint_vkey
        deciding, reading = audit(log, vkey), audit(log, vkey, decide=False)
    assert deciding.sound
    assert reading.sound
    signed = reading.entries + reading.statements + reading.checkpoints
    assert (reading.signatures, deciding.signatures) == (signed, signed + 1)
