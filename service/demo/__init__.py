"""The main job as a story: four songs, one generation, every cent and every proof."""

from service.demo.scene import DemoError
from service.demo.story import run_demo

__all__ = ["DemoError", "run_demo"]
