# SPDX-License-Identifier: GPL-2.0-or-later
"""What else the program does at a moment of the past: its other threads, and the tasks of asyncio.

crosscut_pdb.py runs this in a throwaway copy when it is asked for. No code of the program runs, but
for what `repr` of a name may do.
"""

import sys


def frames_from(frame):
    """Frames, the innermost first."""
    while frame:
        yield frame
        frame = frame.f_back


def attributes_of(value):
    """The attributes that an object itself has, as a dict. No code of the program runs."""
    if "__dict__" not in getattr(type(value), "__dict__", {}):
        return {}
    own = object.__getattribute__(value, "__dict__")
    return own if type(own) is dict else {}


def named_in(frame, is_it):
    """What a frame calls the values that are looked for: (name, value)."""
    for names in frame.f_locals, frame.f_globals:
        for name, value in list(names.items()):
            if is_it(value):
                yield name, value
                continue
            for attribute, inner in list(attributes_of(value).items()):
                if is_it(inner):
                    yield f"{name}.{attribute}", inner
        if names is frame.f_globals:
            break


# ---- threads ------------------------------------------------------------------------------------


def is_lock(value):
    kind = type(value)
    return kind.__module__ == "_thread" and kind.__name__ in ("lock", "RLock")


def names_of(semaphore, innermost, ask):
    """The names that a thread's frames have for the lock of this semaphore, innermost first."""
    found = []
    for frame in frames_from(innermost):
        for name, lock in named_in(frame, is_lock):
            name = f"{name} in {frame.f_code.co_name}()"
            if ask({"lock": id(lock)})["semaphore"] == semaphore and name not in found:
                found.append(name)
    return found


def waits_for(semaphore, thread, all_threads, ask):
    for ended in all_threads:  # a thread's own lock is released when it ends
        lock = getattr(ended["thread"], "_tstate_lock", None)
        if is_lock(lock) and ask({"lock": id(lock)})["semaphore"] == semaphore:
            return f"until {ended['name']} ends"
    own = names_of(semaphore, thread["frame"], ask)
    others = [f"{names[0]} of {other['name']}" for other in all_threads if other is not thread
              for names in [names_of(semaphore, other["frame"], ask)] if names]
    return ("for the lock " + (own[0] if own else "that it has no name for")
            + (": " if others else "") + ", ".join(others))


def threads(ask, innermost):
    """
    All threads, in the order of their creation: "number" from 1 on, "name", "thread" (the object of
    the module threading, or None), "frame" (its innermost, or None), "numbers" (of its frames, the
    innermost first), "here" (the program is in it), "does". `innermost`: where the program is in
    the thread that we run in.
    """
    known = getattr(sys.modules.get("threading"), "_active", {})
    frames = sys._current_frames()
    found = []
    for number, state in enumerate(ask({"threads": True})["threads"], 1):
        thread = known.get(state["ident"])
        name = getattr(thread, "_name", None) or f"thread {state['ident']:#x}"
        frame = frames.get(state["ident"])
        here = innermost in frames_from(frame)
        found.append({"number": number, "name": name, "thread": thread, "here": here,
                      "frame": innermost if here else frame, **state})
    for thread in found:
        if thread["call"]:
            thread["does"] = "in " + thread["call"]
        elif thread["asks"]:
            thread["does"] = "waiting for the interpreter's lock"
        else:  # without that lock, but for the log it has not come to a call yet
            thread["does"] = "at work" if thread["works"] else "on its way into a host call"
        if thread["semaphore"]:
            thread["does"] += ", " + waits_for(thread["semaphore"], thread, found, ask)
    return found


# ---- tasks --------------------------------------------------------------------------------------


def awaited_by(coroutine):
    """The frames of a coroutine and of what it awaits, the outermost first."""
    frames = []
    while True:
        for kind in "cr", "gi", "ag":
            frame = getattr(coroutine, kind + "_frame", None)
            if frame:
                frames.append(frame)
                coroutine = getattr(coroutine, kind + ("_yieldfrom" if kind == "gi" else "_await"))
                break
        else:
            return frames


def is_task(value):
    return hasattr(value, "get_coro")


def list_of(names):
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def outcome(task):
    if task.cancelled():
        return "cancelled"
    error = task._exception
    return f"over: {type(error).__name__}" if error is not None else "over"


def does(task, frames, current):
    """What a task does, or for what it waits."""
    if task.done():
        return outcome(task)
    if task in current:
        return "at work"
    waiter = task._fut_waiter
    if waiter is None:
        return "ready to go on"
    if waiter.done():
        return "ready to go on: what it has waited for is there"
    if is_task(waiter):
        return "waiting for the task " + waiter.get_name()
    children = getattr(waiter, "_children", None)
    if children:
        return "waiting for " + list_of([child.get_name() if is_task(child) else "a future"
                                         for child in children if not child.done()])
    inner = [frame for frame in frames if frame.f_globals.get("__name__", "")[:8] == "asyncio."]
    if not inner:
        return "waiting for a future"
    within = inner[0]
    if within.f_code.co_name == "sleep" and "delay" in within.f_locals:
        return f"sleeping for {within.f_locals['delay']} s"
    subject = within.f_locals.get("self")
    for frame in reversed(frames[:frames.index(within)]):
        for name, _ in named_in(frame, lambda it: it is subject):
            return f"waiting in {within.f_code.co_qualname}() of {name}"
    return f"waiting in {within.f_code.co_qualname}()"


def order(task):
    digits = "".join(filter(str.isdigit, task.get_name()))
    return "".join(c for c in task.get_name() if not c.isdigit()), int(digits[:18] or 0)


def tasks():
    """The tasks of asyncio: "name", "frames" (the outermost first), "does", "here" (it runs)."""
    module = sys.modules.get("asyncio.tasks")
    if not module:
        return []
    references = getattr(module._all_tasks, "data", ())
    there = [task for task in (reference() for reference in list(references)) if task is not None]
    current = list(module._current_tasks.values())
    found = []
    for task in sorted(there, key=order):
        frames = awaited_by(task.get_coro())
        found.append({"name": task.get_name(), "here": task in current, "frames": frames,
                      "does": does(task, frames, current)})
    return found
