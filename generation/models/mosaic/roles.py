"""The roles that mosaic honors, and what each one does.

Every role is a layer of the output. In each step at most one reference holds a layer.
"""

from __future__ import annotations

from typing import Final

BEAT_ROLES: Final = ("rhythm", "drums")
"""Hits are copied onto the beat; `rhythm` also gives the tempo."""
PITCHED_ROLES: Final = ("timbre", "lead", "accompaniment", "bass")
"""Ringing sound is copied, cut to the beat and chosen to fit the pitches wanted."""
CONDITIONING_ROLES: Final = ("melody", "harmony")
"""Pitch classes are taken, never a sample."""

COPYING_ROLES: Final = PITCHED_ROLES + BEAT_ROLES
ROLES: Final = CONDITIONING_ROLES + COPYING_ROLES
"""Roles whose sound is copied, and every role."""

STEM_PARAMETERS: Final = ("voice", "guitar", "bass", "drums", "keys", "strings", "winds")
"""Instruments can be taken from a stem of their name alone: mosaic separates none."""
PARAMETERS: Final = ("melody", "harmony", "rhythm", "timbre", *STEM_PARAMETERS)
"""Every parameter that the mosaic honors."""

FOLLOWS: Final = {
    "timbre": ("melody", "harmony"),
    "lead": ("melody", "harmony"),
    "accompaniment": ("harmony", "melody"),
    "bass": ("harmony", "melody"),
}
"""Whose pitches a pitched role follows, the first that holds the step."""

GAINS: Final = {
    "timbre": 1.0,
    "lead": 1.1,
    "accompaniment": 0.6,
    "bass": 0.8,
    "rhythm": 0.4,
    "drums": 0.4,
}
"""How loud a layer is in the mix; all material is leveled before."""
