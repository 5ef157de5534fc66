"""The main job as a story: four songs, one generation, every cent and every proof."""

from service.demo.story import DemoError, run_demo

__all__ = ["DemoError", "run_demo"]
