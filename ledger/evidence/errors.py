"""What evidence raises when it does not show what it should."""


class EvidenceError(Exception):
    """The evidence does not show what it should.

    `step` names the failing step where a sequence of them was walked (see `prove`), else it is
    empty.
    """

    def __init__(self, message: str, *, step: str = "") -> None:
        super().__init__(f"{step}: {message}" if step else message)
        self.message = message
        self.step = step


class NotWitnessedError(EvidenceError):
    """The log has signed, but the witnesses that the policy demands have not (yet).

    Not invalid: the same proof with more cosignatures may do, or a policy that demands fewer.
    """
