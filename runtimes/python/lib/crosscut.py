# SPDX-License-Identifier: GPL-2.0-or-later
"""Analysis of a past run: what cc-python-replay's options install.

This runs in an interpreter of its own beside the replayed program. Frames are real frame objects; their
f_locals and f_globals are copies, made when they are looked at; objects that cannot be copied are shown
as crosscut.Object, a view that lasts until the program goes on.
"""

import os  # frozen, like these: what is read from files takes longer than all else here
import site
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader


def __getattr__(name):
    """`from crosscut import hook`."""
    if name != "hook":
        raise AttributeError(f"module 'crosscut' has no attribute {name!r}")
    import crosscut_hook

    sys.modules["crosscut.hook"] = crosscut_hook
    return crosscut_hook


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


def begin(path, options):
    """Called before the program's first op. None, or what is wrong."""
    pairs = [line.split("=", 1) for line in options.split("\n") if "=" in line]
    wanted = dict(pairs)
    sys.path[:0] = path.splitlines()
    sys.path += filter(os.path.isdir, site.getsitepackages())  # but for *.pth and sitecustomize, which run code
    site.setquit()
    site.sethelper()
    sys.argv = ["cc-python-replay"]
    sys.dont_write_bytecode = True  # a replay leaves nothing behind
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
