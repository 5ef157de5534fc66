"""Mosaic, the embedded backend (see `backend`)."""

from generation.models.mosaic.backend import Mosaic

__all__ = ["Mosaic"]
