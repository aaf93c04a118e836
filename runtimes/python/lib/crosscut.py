# SPDX-License-Identifier: GPL-2.0-or-later
"""Analysis of a past run: what cc-python-replay's options install.

This runs in an interpreter of its own beside the replayed program. Frames are real frame objects; their
f_locals and f_globals are copies, made when they are looked at; objects that cannot be copied are shown
as crosscut.Object, a view that lasts until the program goes on.
"""

import importlib
import importlib.machinery
import os
import sys

import crosscut_hook as hook

sys.modules["crosscut.hook"] = hook


def load_hook(value):
    """The file of a hook; what it wants to be told of it says by itself."""
    path, _, hook.arguments = value.partition("\037")
    try:
        load_file(path)
    except Exception as error:
        raise LookupError(f"--hook {path}: {type(error).__name__}: {error}") from error


def load_file(path):
    """As importlib.util does it, which takes longer to import than all else here."""
    name = os.path.basename(path)[:-3]
    loaded = sys.modules[name] = type(sys)(name)
    loader = importlib.machinery.SourceFileLoader(name, path)
    loaded.__spec__ = importlib.machinery.ModuleSpec(name, loader, origin=path)
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
            loaded = importlib.import_module(module)
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
