# SPDX-License-Identifier: GPL-2.0-or-later
"""Every exception of a past run, handled or not, with its stack and local variables. An example
of a hook in Python.

cc-python-replay --hook exceptions.py=out=out.txt,self,name slice.pylog
shows the variables self and name of the frames that have them.
"""

from crosscut import hook

given = [name for name in hook.arguments.split(",") if name]
path = next((name[4:] for name in given if name.startswith("out=")), "exceptions.txt")
names = [name for name in given if not name.startswith("out=")]
out = open(path, "w", encoding="utf-8")
seen = {}
hook.count_moments()


def variables(depth):
    """NAME=VALUE of those that were asked for and are there."""
    missing = object()
    for name in names:
        value = hook.variable(name, depth, missing)
        if value is not missing:
            yield f"{name}={value!r}"


@hook.exception
def raised(class_name, text):
    stack = hook.stack()
    if not stack or stack[0].file.startswith("<"):
        return  # the interpreter's own, as it starts
    seen[class_name] = seen.get(class_name, 0) + 1
    print(f"{hook.prefix()}[{hook.moment()}] {class_name}: {text}", file=out)
    for depth, frame in enumerate(stack):
        place = f"{frame.file}:{frame.line} {frame.sub}"
        print(f"{hook.prefix()}  {place}", *variables(depth), file=out)


@hook.end
def over(status):
    for class_name, count in sorted(seen.items()):
        print(f"{hook.prefix()}{count} {class_name}", file=out)
    print(f"{hook.prefix()}status {status}", file=out)
    try:
        out.close()
    except OSError as error:
        hook.fail(f"exceptions.py: {path}: {error.strerror}")
