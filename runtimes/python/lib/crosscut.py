# SPDX-License-Identifier: GPL-2.0-or-later
"""Analysis of a past run: what cc-python-replay's options install.

This runs in an interpreter of its own beside the replayed program. Frames are real frame objects;
their f_locals and f_globals are copies, made when they are looked at; objects that cannot be copied
are shown as crosscut.Object, a view that lasts until the program goes on.
"""

import errno
import gc
import os  # frozen, like these: what is read from files takes longer than all else here
import site
import sys
import _crosscut_hook
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EPIPE}


def __getattr__(name):
    """`from crosscut import hook`."""
    if name != "hook":
        raise AttributeError(f"module 'crosscut' has no attribute {name!r}")
    import crosscut_hook

    sys.modules["crosscut.hook"] = crosscut_hook
    return crosscut_hook


def note(error):
    """What fails as a disk does is not the tool's fault: its result is not whole, it says so."""
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        name = f"{error.filename}: " if error.filename else ""
        _crosscut_hook.fail(f"what a hook or tracer wrote is not complete: {name}{error.strerror}")


def unraisable(about):
    """A file that nobody closed was closed, and could not be written out."""
    note(about.exc_value)
    if about.exc_value is not None and type(about.object).__module__ != "_io":
        sys.__unraisablehook__(about)


def end():
    """Files that are still open are written out now: later nobody is told."""
    for found in gc.get_objects():
        if (type(found).__module__ == "_io" and hasattr(found, "flush") and not found.closed
                and found.writable()):
            try:
                found.flush()
            except (OSError, ValueError) as error:
                note(error)


def load_hook(value):
    """The file of a hook; what it wants to be told of it says by itself."""
    hook = __getattr__("hook")
    path, _, hook.arguments = value.partition("\037")
    try:
        load_file(path)
    except Exception as error:
        raise LookupError(f"--hook {path}: {type(error).__name__}: {error}") from error


def load_file(path):
    """As importlib.util does it."""
    name = os.path.basename(path)[:-3]
    loaded = sys.modules[name] = type(sys)(name)
    loader = SourceFileLoader(name, path)
    loaded.__spec__ = ModuleSpec(name, loader, origin=path)
    loaded.__spec__.has_location = True
    loaded.__loader__, loaded.__file__ = loader, path
    loader.exec_module(loaded)
    return loaded


def find(text, option):
    """The function that MODULE:FUNC or FILE.py:FUNC names."""
    module, colon, name = text.rpartition(":")
    if not colon or not module or not name:
        raise LookupError(f"{option} {text}: MODULE:FUNC is needed")
    try:
        if module.endswith(".py"):
            loaded = load_file(os.path.abspath(module))
        else:
            __import__(module)
            loaded = sys.modules[module]
    except Exception as error:
        raise LookupError(f"{option} {text}: {type(error).__name__}: {error}") from error
    found = loaded
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise LookupError(f"{option} {text}: {module} has no such function")
    return found


def unescape(text):
    """A line break in a name does not end the line (logs/text.h)."""
    parts = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
    return parts.replace("\0", "\\")


def begin(path, options):
    """Called before the program's first op. None, or what is wrong."""
    pairs = [unescape(line).split("=", 1) for line in options.split("\n") if "=" in line]
    wanted = dict(pairs)
    sys.path[:0] = map(unescape, filter(None, path.split("\n")))
    # What runs code, *.pth and sitecustomize, is left out.
    sys.path += filter(os.path.isdir, site.getsitepackages())
    site.setquit()
    site.sethelper()
    sys.argv = ["cc-python-replay"]
    sys.unraisablehook = unraisable
    if "temporary" in wanted:
        os.environ["TMPDIR"] = wanted["temporary"]
    try:
        for value in (value for name, value in pairs if name == "hook"):
            load_hook(value)
        if "trace" in wanted:
            sys.settrace(find(wanted["trace"], "--trace"))
        if "profile" in wanted:
            sys.setprofile(find(wanted["profile"], "--profile"))
    except LookupError as error:
        return str(error)
    return None
