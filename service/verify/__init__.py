"""The second implementation, in JavaScript, and how its files become one module.

`linernotes.mjs` and what it imports are divided by idea and run as they are, in Node and from a web
server. A page that is opened from disk can't import files beside it, so there all of them are one:
`bundle()`.
"""

from service.verify.bundling import FOLDER, bundle

__all__ = ["FOLDER", "bundle"]
