# SPDX-License-Identifier: GPL-2.0-or-later
"""The standard pdb at a moment of a past run.

This runs in the interpreter of the program, in a copy of it that is thrown away: `serve` is called
once, as a trace function would be, on the program's own frame. What stops the program, and when, is
decided outside (runtimes/python/debug/rule.c); what pdb keeps from one stop to the next goes in and
out as JSON.
"""

import sys


def prepare():
    """The standard library, whatever the program has done to the way modules are found."""
    sys.path[:] = [sys._stdlib_dir, sys._stdlib_dir + "/lib-dynload"] + sys.path
    sys.dont_write_bytecode = True
    sys.modules["readline"] = None  # the session has it
    for name, module in list(sys.modules.items()):
        if getattr(getattr(module, "__spec__", None), "_initializing", False):
            del sys.modules[name]  # half of a module: the program is importing it


class Later(type(sys)):
    """
    A module that is loaded when something of it is asked for that is not known. Every dialogue
    imports pdb anew, and most of what that imports is for commands that are rarely given.
    """

    when_loaded = {}

    def __getattr__(self, name):
        if name == "__path__":  # asked for by each `from … import`
            raise AttributeError(name)
        own = self.__dict__
        if "real" not in own:
            path = sys.path[:]
            prepare()
            if sys.modules.get(own["__name__"]) is self:
                del sys.modules[own["__name__"]]
            own["real"] = __import__(own["__name__"])
            sys.path[:] = path
            self.when_loaded.get(own["__name__"], lambda: None)()
        return getattr(own["real"], name)


KNOWN = {"inspect": {"CO_OPTIMIZED": 1, "CO_GENERATOR": 0x20, "CO_COROUTINE": 0x80,
                     "CO_ASYNC_GENERATOR": 0x200},
         "typing": {"Union": list},  # for annotations
         "functools": {"cached_property": property},
         "string": {"ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                    "digits": "0123456789"}}
LATER = ("inspect", "typing", "functools", "string", "ast", "code", "dis", "fnmatch", "glob",
         "pprint", "re", "signal", "tokenize", "traceback")


def later(names):
    for name in names:
        if name not in sys.modules:
            module = sys.modules[name] = Later(name)
            module.__dict__.update(KNOWN.get(name, {}))


own_path = sys.path[:]
prepare()
later(LATER)

import ast  # noqa: E402
import bdb  # noqa: E402
import cmd  # noqa: E402
import gc  # noqa: E402
import inspect  # noqa: E402
import io  # noqa: E402
import linecache  # noqa: E402
import os  # noqa: E402
import pdb  # noqa: E402
import tokenize  # noqa: E402
import traceback  # noqa: E402
import _json  # noqa: E402
import _thread  # noqa: E402
import binascii as _binascii  # noqa: E402

for name in LATER:  # what the user imports is what it is
    if isinstance(sys.modules.get(name), Later):
        del sys.modules[name]
sys.path[:] = own_path
GENERATORS = bdb.GENERATOR_AND_COROUTINE_FLAGS
ANY, NONE = 0, -1  # rule.c: stop at any frame, at none
STEPS = {"s", "step", "n", "next", "unt", "until", "r", "return", "rs", "rstep", "rn", "rnext",
         "rr", "rreturn"}

WORDS = {"breaks": " \t\n`@#$%^&*()=+[{]}\\|;:'\",<>?", "prefixes": ""}

HELP = {
    "rstep": "rs(tep)\n        Go back to the event before this one.",
    "rnext": "rn(ext)\n"
             "        Go back to the line before this one, in this frame or in who called it.",
    "rreturn": "rr(eturn)\n        Go back to where the current frame was called.",
    "rcontinue": "rc(ontinue)\n        Go back to the last breakpoint that was passed.",
    "back": "back\n        Undo the last move: go to where it began. Again: the one before that.",
    "wl": "wl EXPR\n        Go back to where the value of EXPR, in this frame, last changed.",
    "go": "go TIME\n        Go to a moment, as `when` tells it.",
    "threads": "threads\n"
               "        All threads: where each is, and the host call or the lock in which it "
               "waits.",
    "thread": "thread N\n"
              "        Look at the frames of another thread. Steps stay where the program is.",
    "tasks": "tasks\n        The tasks of asyncio: where each is, and for what it waits.",
    "where": "w(here) [all]\n"
             "        Print the stack; `where all`: that of each thread and task.",
    "when": "when\n        The moment: host calls so far, and events since the last one.",
}


class Json:
    """The C part of json alone: the rest is mostly patterns, which take long to compile."""

    strict, object_pairs_hook, memo = True, None, {}
    parse_float, parse_int, parse_constant = float, int, float

    @staticmethod
    def object_hook(value):
        coded = value.get("base64") if len(value) == 1 else None
        if coded is None:
            return value
        return _binascii.a2b_base64(coded).decode("utf-8", "surrogateescape")

    @staticmethod
    def bytes_only(text):
        return not any("\ud800" <= c < "\udc80" or "\udcff" < c <= "\udfff" for c in text)

    @staticmethod
    def text(text):
        """Names that are not UTF-8 go as their bytes: no JSON holds half a surrogate pair."""
        if text.isascii():
            return _json.encode_basestring_ascii(text)
        try:
            text.encode()
        except UnicodeEncodeError:
            errors = "surrogateescape" if Json.bytes_only(text) else "backslashreplace"
            data = text.encode("utf-8", errors)
            return '{"base64":"%s"}' % _binascii.b2a_base64(data, newline=False).decode()
        return _json.encode_basestring_ascii(text)

    @staticmethod
    def loads(text):
        return _json.make_scanner(Json)(text, 0)[0]

    @staticmethod
    def dumps(value):
        encode = _json.make_encoder(None, str, Json.text, None, ":", ",", False, False, True)
        return "".join(encode(value, 0))


class Shown:
    """The value of a displayed expression at an earlier stop: how it looked is all that is left."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def __eq__(self, other):
        return repr(other) == self.text

    def __hash__(self):
        return hash(self.text)


class Input(io.TextIOBase):
    """The session's lines as a file, for what the user runs at the prompt."""

    def __init__(self, ask):
        self.ask = ask

    def readable(self):
        return True

    def readline(self, size=-1):
        answer = self.ask({"request": "readline", "prompt": ""})
        return answer["line"] + "\n" if "line" in answer else ""


class Pdb(pdb.Pdb):
    def __init__(self, ask, frame, given):
        self.ask = ask
        self.given = given
        self.answer = None
        self.frame = frame
        state = given.get("state") or {}
        super().__init__(completekey=None, stdin=Input(ask), stdout=sys.stdout, nosigint=True,
                         readrc=not state)
        self.use_rawinput = 1
        cmd.input = pdb.input = self.read_line  # their own names for it: that of the builtin
        sys.stdin = self.stdin  # pdb shares it with what is evaluated
        self.found, self.near, self.several = {}, [], []  # files that were asked for
        self.elsewhere = None  # the program's thread, by its number, while another is looked at
        self.ids = {}
        for number, at in zip(given["frames"], self.frames_from(frame)):
            self.ids[at] = number
        self.restore(state)
        self.reset()
        *_, self.botframe = self.frames_from(frame)

    @staticmethod
    def frames_from(frame):
        while frame:
            yield frame
            frame = frame.f_back

    def read_line(self, prompt=""):
        sys.stdout.flush()
        question = {"request": "readline", "prompt": prompt, "words": WORDS}
        answer = self.ask(question)
        while "complete" in answer:
            answer = self.ask({**question, "matches": self.matches(**answer["complete"])})
        if "line" not in answer:
            raise EOFError
        return answer["line"]

    # ---- what TAB does --------------------------------------------------------------------------

    def matches(self, text, before):
        """As cmd.Cmd.complete, which asks the module readline."""
        line = (before + text).lstrip()
        begin = len(line) - len(text)
        find = self.completenames
        if begin > 0:
            command = self.parseline(line)[0]
            find = getattr(self, f"complete_{command}", self.completedefault)
        try:
            found = find(text, line, begin, len(line))
            if begin <= 0 and text:
                found = found + self.completedefault(text, line, begin, len(line))
        except Exception:  # by an attribute that is looked at
            return []
        return sorted({name for name in found if type(name) is str})

    completedefault = complete_wl = pdb.Pdb._complete_expression

    def _complete_location(self, text, line, begidx, endidx):
        """Functions, and files of the program: not those of this machine."""
        if line.strip().endswith((":", ",")):
            return []
        files = [getattr(module, "__dict__", {}).get("__file__")
                 for module in list(sys.modules.values())]
        names = [name for name in files if type(name) is str and name.endswith((".py", ".pyw"))]
        if "/" not in text:
            own = sys.base_prefix + "/lib/"
            names = [os.path.basename(name) for name in names if not name.startswith(own)]
        return (self._complete_expression(text, line, begidx, endidx)
                + [name + ":" for name in names if name.startswith(text)])

    complete_break = complete_b = complete_tbreak = _complete_location
    complete_clear = complete_cl = _complete_location

    # ---- what keeps from one stop to the next ---------------------------------------------------

    def restore(self, state):
        bdb.Breakpoint.clearBreakpoints()
        self.breaks.clear()
        counts = {number: rest for number, *rest in self.given["hits"]}
        for saved in state.get("breaks", []):
            if not saved:
                bdb.Breakpoint.next += 1
                bdb.Breakpoint.bpbynumber.append(None)
                continue
            self._add_to_breaks(saved["file"], saved["line"])
            point = bdb.Breakpoint(saved["file"], saved["line"], saved["temporary"],
                                   saved.get("condition"), saved.get("function"))
            point.enabled = saved["enabled"]
            point.hits, point.ignore, first = counts.get(
                point.number, (saved["hits"], saved["ignore"], saved["first"]))
            point.func_first_executable_line = first or None
        self.warned = state.get("warned", False)
        self.seeks_raise = state.get("seeks-raise", False)  # of an uncaught exception
        self.other_thread = state.get("thread", 0) != self.given["thread"]
        self.watched, self.watching = state.get("watching"), None
        self.aliases = state.get("aliases", {})
        self.lastcmd = state.get("lastcmd", "")
        self.cmdqueue = state.get("queue", [])
        if state:
            self.rcLines = state.get("rc", [])
        self.commands = {int(n): lines for n, lines in state.get("commands", {}).items()}
        self.commands_doprompt = {int(n): it for n, it in state.get("prompts", {}).items()}
        self.commands_silent = {int(n): it for n, it in state.get("silent", {}).items()}
        frames = {number: at for at, number in self.ids.items()}
        self.displaying = {frames[number]: {expression: Shown(text) for expression, text in shown}
                           for number, shown in state.get("displays", []) if number in frames}
        self.other_displays = [it for it in state.get("displays", []) if it[0] not in frames]

    def breaks_state(self):
        return [point and {
            "number": point.number, "file": point.file, "line": point.line,
            "enabled": bool(point.enabled), "temporary": bool(point.temporary),
            "condition": point.cond, "ignore": point.ignore, "hits": point.hits,
            "function": point.funcname,
            "first": point.func_first_executable_line or 0,
        } for point in bdb.Breakpoint.bpbynumber[1:]]

    def state(self):
        return {
            "warned": self.warned, "watching": self.watching, "thread": self.given["thread"],
            "seeks-raise": self.seeks_raise,
            "breaks": self.breaks_state(), "aliases": self.aliases, "lastcmd": self.lastcmd,
            "queue": self.cmdqueue, "rc": self.rcLines, "commands": self.commands,
            "prompts": self.commands_doprompt, "silent": self.commands_silent,
            "displays": self.other_displays + [
                [self.ids[frame], [[text, repr(value)] for text, value in shown.items()]]
                for frame, shown in self.displaying.items() if frame in self.ids],
        }

    def postcmd(self, stop, line):
        self.ask({"request": "keep", "state": self.state()})
        return super().postcmd(stop, line)

    def onecmd(self, line):
        if self.elsewhere and self.parseline(line)[0] in STEPS:
            return self.error("steps go on where the program is, not in this thread: "
                              f"thread {self.elsewhere} first")
        return super().onecmd(line)

    # ---- how the program goes on ----------------------------------------------------------------

    def points(self, back=False):
        return [dict(point, ignore=0) if back else point for point in self.breaks_state() if point]

    def run_on(self, stop, returning=None, line=0, caller=False):
        here = self.given["frames"][0]
        if self.given["event"] == "return" and stop == here and line != -1:
            stop, line = ANY, 0  # as bdb.Bdb.dispatch_return
        rule = {"stop": stop, "line": line, "breaks": self.points(), "caller": caller}
        if returning is not None:
            rule["return"] = returning
        self.answer = {"do": "run", "rule": rule}

    def number(self, frame):
        return self.ids.get(frame, NONE)

    def set_step(self):
        self.run_on(ANY, caller=self.given["event"] == "return")

    def set_next(self, frame):
        self.run_on(self.number(frame))

    def set_until(self, frame, lineno=None):
        line = frame.f_lineno + 1 if lineno is None else lineno
        self.run_on(self.number(frame), self.number(frame), line)

    def set_return(self, frame):
        if frame.f_code.co_flags & GENERATORS:
            self.run_on(self.number(frame), None, -1)
        elif frame.f_back:
            self.run_on(self.number(frame.f_back), self.number(frame))
        else:  # natively bdb called the main program, and nobody a greenlet: any frame
            self.run_on(NONE if any(map(self.is_main, self.ids)) else ANY, self.number(frame))

    @staticmethod
    def is_main(frame):
        return frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__"

    def set_continue(self):
        self.run_on(NONE, None, -1)

    def set_quit(self):
        self.answer = {"do": "quit"}

    def set_trace(self, frame=None):
        pass

    def do_run(self, arg):
        """run, restart
        Go to where the debugger stopped first. Breakpoints and the like are kept."""
        if arg:
            return self.error("a past run had the arguments that it had")
        self.message("Restarting " + self.main_file() + " with arguments:")
        self.message("\t" + " ".join(sys.argv[1:]))
        self.answer = {"do": "restart"}
        return 1

    do_restart = do_run

    def do_debug(self, arg):
        """debug code
        Step through code that is an argument, in this copy of the program."""
        try:
            return super().do_debug(arg)
        finally:
            sys.settrace(None)  # we are called by nobody who traces

    def do_jump(self, arg):
        """j(ump) lineno
        The past goes the way it went."""
        self.error("the past cannot be changed: no jumping in it")

    do_j = do_jump

    # ---- going back -----------------------------------------------------------------------------

    def back(self, how, nothing):
        depth = self.given["depth"]
        if self.ids.get(self.curframe) in self.given["frames"]:
            depth -= self.given["frames"].index(self.ids[self.curframe])
        self.answer = {"do": "back", "nothing": nothing, "rule": {
            "back": how, "depth": depth, "breaks": self.points(True),
            "thread": self.given["thread"]}}
        return 1

    def do_rstep(self, arg):
        return self.back("step", "nothing before this event")

    def do_rnext(self, arg):
        return self.back("next", "no line before this one in this frame or in who called it")

    def do_rreturn(self, arg):
        return self.back("return", "nobody has called this")

    def do_rcontinue(self, arg):
        return self.back("continue", "no breakpoint was passed before" if self.points()
                         else "there is no breakpoint")

    def do_back(self, arg):
        self.answer = {"do": "undo"}
        return 1

    def do_wl(self, arg):
        try:
            tree = ast.parse(arg.strip(), mode="eval")
        except SyntaxError:
            return self._error_exc() if arg else self.error("wl EXPR: of what?")
        rule = {"back": "change", "watch": arg.strip()}
        module = self.module_of(tree)
        if module:
            rule["module"] = module
        elif self.curframe in self.ids:
            rule["frame"] = self.ids[self.curframe]
            rule["object"] = self.object_of(tree.body)
        else:
            return self.error("this frame is over: go back into it first")
        self.watching = arg.strip()
        self.answer = {"do": "back", "rule": rule,
                       "nothing": f"{self.watching} has not changed before"}
        return 1

    def module_of(self, tree):
        """The name of the module whose globals alone an expression is made of."""
        frame, code = self.curframe, self.curframe.f_code
        own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
        if not code.co_flags & inspect.CO_OPTIMIZED and self.curframe_locals is not frame.f_globals:
            own.update(self.curframe_locals)
        name = frame.f_globals.get("__name__")
        if getattr(sys.modules.get(name), "__dict__", None) is not frame.f_globals:
            return None
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        return None if names & own else name

    def object_of(self, tree):
        """
        What an attribute or an element is one of was there before the frame, mostly: it is written
        there, too. Its name stands first; what else there is of names is a key.
        """
        base = tree
        while isinstance(base, (ast.Attribute, ast.Subscript)):
            if isinstance(base, ast.Subscript) and isinstance(base.slice, ast.Name):
                value = self.curframe_locals.get(base.slice.id)
                if type(value) not in (int, str):
                    return None
                base.slice = ast.Constant(value)
            base = base.value
        known = self.curframe_locals
        if (base is tree or not isinstance(base, ast.Name) or base.id not in known
                or not gc.is_tracked(known[base.id])):
            return None
        return {"name": base.id, "address": id(known[base.id]), "type": id(type(known[base.id])),
                "watch": ast.unparse(tree)}

    def came_back(self):
        """
        What gave a value back is over when its caller stores it: `wl` goes on to the line where
        that is. True: there is no dialogue.
        """
        if not self.watched or self.given["why"] != "rule":
            return False
        if self.given["event"] == "return" and len(self.given["frames"]) > 1:
            self.answer = {"do": "back", "goes-on": True,
                           "rule": {"back": "line", "frame": self.given["frames"][1]}}
        return self.answer is not None

    def do_go(self, arg):
        if not arg.strip():
            return self.error("go TIME: as `when` tells it")
        self.answer = {"do": "go", "at": arg.strip()}
        return 1

    def default(self, line):
        super().default(line)
        if not self.warned and self.binds(line):
            self.warned = True
            self.message("(in a copy: changes are gone when the program goes on)")

    @staticmethod
    def binds(line):
        try:
            tree = ast.parse(line[1:].strip() if line[:1] == "!" else line)
        except (SyntaxError, ValueError):
            return False
        bindings = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Delete, ast.Import,
                    ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        return any(isinstance(node, bindings) for node in ast.walk(tree))

    # ---- threads and tasks ----------------------------------------------------------------------

    def show_stack(self, frames):
        for frame in frames:
            self.print_stack_entry((frame, frame.f_lineno))

    def show_all(self, found, whole):
        """Threads or tasks: each with its frames, or with the innermost one."""
        for one in found:
            self.message(f"{'*' if one['here'] else ' '} {one['title']}: {one['does']}")
            self.show_stack(one["frames"] if whole else one["frames"][-1:])

    def all_threads(self):
        return [{**one, "title": f"{one['number']} {one['name']}",
                 "frames": [*self.frames_from(one["frame"])][::-1]}
                for one in others().threads(self.ask, self.frame)]

    def all_tasks(self):
        return [{**one, "title": one["name"]} for one in others().tasks()]

    def do_threads(self, arg):
        self.show_all(self.all_threads(), whole=False)

    def do_tasks(self, arg):
        found = self.all_tasks()
        self.show_all(found, whole=False)
        if not found:
            self.message("asyncio has no tasks here")

    def do_thread(self, arg):
        found = self.all_threads()
        if not arg.strip().isdigit() or not 0 < int(arg) <= len(found):
            return self.error(f"thread N: 1 to {len(found)}, as `threads` tells them")
        thread = found[int(arg) - 1]
        if not thread["frame"]:
            return self.error("that thread has no frames")
        self.message(f"--Thread {thread['name']}--")
        self.stack = [(frame, frame.f_lineno) for frame in thread["frames"]]
        for number, frame in zip(thread["numbers"], self.frames_from(thread["frame"])):
            self.ids.setdefault(frame, number)
        here = [other["number"] for other in found if other["here"]]
        self.elsewhere = None if thread["here"] else here[0]
        self._select_frame(len(self.stack) - 1)

    def do_where(self, arg):
        if arg.strip() == "all":
            self.show_all(self.all_threads(), whole=True)
            self.show_all(self.all_tasks(), whole=True)
        elif arg:
            self.error("where, or where all")
        else:
            self.print_stack_trace()

    do_w = do_bt = do_where

    def do_when(self, arg):
        self.message(self.given["at"])

    do_rs, do_rn, do_rr, do_rc = do_rstep, do_rnext, do_rreturn, do_rcontinue
    for _name, _text in HELP.items():
        locals()["do_" + _name].__doc__ = _text

    # ---- files: those of the run ----------------------------------------------------------------

    def canonic(self, filename):
        if filename[:1] not in ("/", "<"):
            here = os.environ.get("PWD", "/")
            filename = self.known_file(filename) or os.path.join(here, filename)
        return super().canonic(filename)

    def known_file(self, filename):
        """
        The file of the run with this name, or end of a path: where it ran, nobody may be able to
        look for it now, and it may be read later than here. None: there is none, or several.
        """
        if filename in self.found:
            return self.found[filename]
        names = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        names += [frame.f_code.co_filename for frame in self.ids]
        if filename in names:
            return filename
        found = {name for name in names if name and (name == filename or name.endswith(
            "/" + filename.lstrip("/")))}
        read = self.ask({"request": "sources", "end": filename})
        for file in read["files"]:
            found.add(file["path"])
            if file["path"] not in linecache.cache and "text" in file:
                cache_source(file["path"], file["text"])
        if filename in found:
            found = {filename}
        self.near, self.several = read["near"], sorted(found) if len(found) > 1 else []
        self.found[filename] = found.pop() if len(found) == 1 else None
        return self.found[filename]

    def setup(self, f, tb):
        for frame in self.ids:  # inspect takes a file that is not there only if it is in the cache
            linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        return super().setup(f, tb)

    def lookupmodule(self, filename):
        name = filename if "." in os.path.basename(filename) else filename + ".py"
        return self.known_file(name) or super().lookupmodule(filename)

    def checkline(self, filename, lineno):
        if filename in self.found.values() and not linecache.getlines(filename):
            return lineno  # of a file that the run has in its compiled form only
        return super().checkline(filename, lineno)

    def error(self, msg):
        if msg.endswith(" not found from sys.path"):
            if self.several:
                msg = "which one: " + ", ".join(self.several)
            else:
                msg = msg.replace(" not found from sys.path", ": the run has no such file")
                msg += f"; it has {', '.join(self.near)}" if self.near else ""
        super().error(msg)

    def main_file(self):
        return getattr(sys.modules.get("__main__"), "__file__", None) or sys.argv[0]

    # ---- the dialogue ---------------------------------------------------------------------------

    def stopped(self, argument):
        """What pdb does at this event."""
        event = self.given["event"]
        if self.given["breakpoint"]:
            self.currentbp = self.given["breakpoint"]
            if self.given["clears"]:
                self.do_clear(str(self.currentbp))
        if self.given["why"] == "interrupted":
            self.message("\nProgram interrupted. (Use 'cont' to resume).")
        if self.given["why"] == "here":
            self.interaction(self.frame, None)
        elif event == "call":
            self.message("--Call--")
            self.interaction(self.frame, None)
        elif event == "return":
            self.user_return(self.frame, None if self.leaves_by_exception(argument) else argument)
        elif event == "exception":
            self.user_exception(self.frame, argument)
        elif self.bp_commands(self.frame):
            self.interaction(self.frame, None)

    def thread_name(self):
        if not self.given["thread"]:
            return "MainThread"  # to the end, where threading has forgotten it
        ident = _thread.get_ident()
        known = getattr(sys.modules.get("threading"), "_active", {})
        return getattr(known.get(ident), "_name", None) or f"{ident:#x}"

    def leaves_by_exception(self, argument):
        return self.given["event"] == "return" and self.given.get("raised", False)

    def finished(self, argument):
        """As pdb.main: the main program is over. Here it is not restarted."""
        if not self.leaves_by_exception(argument):
            self.message("The program finished and will be restarted")
        elif issubclass(argument[0], SystemExit):
            self.message(f"The program exited via sys.exit(). Exit status: {argument[1]}")
        else:
            sys.stdout.flush()
            traceback.print_exception(*argument)
            sys.stderr.flush()
            self.message("Uncaught exception. Entering post mortem debugging")
            self.message("Running 'cont' or 'step' will restart the program")
            self.go_to_raise(argument[2])
            return
        self.setup(self.frame, None)
        self._cmdloop()
        self.after_end()

    def go_to_raise(self, at):
        """Where the frames of a traceback are alive yet."""
        while at.tb_next:
            at = at.tb_next
        self.seeks_raise = True
        self.answer = {"do": "back", "goes-on": True, "nothing": "the exception came from no line",
                       "rule": {"back": "raise", "frame": id(at.tb_frame)}}

    def post_mortem(self):
        """At an uncaught exception, to which `finished` has led."""
        self.seeks_raise = False
        self.interaction(self.frame, None)
        self.after_end()
        if self.answer["do"] == "restart":
            self.message(f"Post mortem debugger finished. The {self.main_file()} will be restarted")

    def after_end(self):
        if self.answer and self.answer["do"] == "run":
            self.answer = {"do": "restart"}

    def converse(self, argument):
        if self.given.get("note"):
            self.message(self.given["note"])
        if self.given.get("text"):
            self.error(self.given["text"])
        elif self.given["over"] and self.given["why"] == "end":
            self.error(f"the program ended here, with status {self.given['status']}")
        if self.came_back():
            pass
        elif self.other_thread:
            self.message(f"--Thread {self.thread_name()}--")
        if self.answer:
            pass
        elif self.seeks_raise:
            self.post_mortem()
        elif self.given["finished"]:
            self.finished(argument)
        else:
            self.stopped(argument)
            if (self.answer and self.answer["do"] == "run" and self.given["main"]
                    and self.given["event"] == "return"):
                self.answer = None
                self.finished(argument)
        answer = self.answer or {
            "do": "run", "rule": {"stop": NONE, "line": -1, "breaks": self.points()}}
        answer["state"] = self.state()
        return answer


# ---- threads and tasks --------------------------------------------------------------------------


def others(loaded=[]):
    """crosscut_threads.py: most dialogues do not ask for what else the program does."""
    if not loaded:
        path = __file__.replace("_pdb", "_threads")
        loaded.append(type(sys)("crosscut_threads"))
        with io.open_code(path) as file:
            exec(compile(file.read(), path, "exec"), loaded[0].__dict__)
    return loaded[0]


# ---- what is asked of a copy --------------------------------------------------------------------


def condition(given, frame):
    try:
        return {"value": bool(eval(given["expression"], frame.f_globals, frame.f_locals))}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}


def frame_up(given, frame):
    for _ in range(given.get("up", 0)):
        frame = frame.f_back or frame
    return frame


def evaluate(given, frame):
    frame = frame_up(given, frame)
    try:
        return {"value": repr(eval(given["expression"], frame.f_globals, frame.f_locals))}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}


def stack(given, frame):
    return {"frames": [{"file": at.f_code.co_filename, "line": at.f_lineno,
                        "function": at.f_code.co_qualname} for at in Pdb.frames_from(frame)]}


def look(value):
    try:
        return repr(value)
    except BaseException as error:
        return f"<{type(value).__name__}: repr raises {type(error).__name__}>"


def variables(given, frame):
    frame = frame_up(given, frame)
    return {"locals": {name: look(value) for name, value in frame.f_locals.items()},
            "globals": {name: look(value) for name, value in frame.f_globals.items()
                        if name != "__builtins__"}}


def output(descriptor):
    """A stream of our own: the program's holds what it has not written yet."""
    return open(descriptor, "w", encoding="utf-8", errors="surrogateescape", closefd=False,
                buffering=1)


def cache_source(filename, text):
    """As linecache itself would."""
    lines = text.replace("\r\n", "\n").splitlines(True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    linecache.cache[filename] = len(text), None, lines, filename
    return lines


def read_sources(ask):
    """linecache and its users see the sources that the program read; others are this host's."""
    from_host = linecache.updatecache

    def update(filename, module_globals=None):
        text = ask({"path": filename}).get("text")
        if text is None:
            if module_globals and module_globals.get("__name__") == "__main__":
                # pdb takes the main program's loader away, and with it what is not its source.
                module_globals = None
            return from_host(filename, module_globals)
        return cache_source(filename, text)

    def open_source(filename):
        text = ask({"path": filename}).get("text")
        return open_on_host(filename) if text is None else io.StringIO(text)

    def patch():
        nonlocal open_on_host
        open_on_host, sys.modules["tokenize"].open = sys.modules["tokenize"].open, open_source

    open_on_host = None
    if isinstance(tokenize, Later):
        Later.when_loaded["tokenize"] = patch
    else:
        patch()
    linecache.updatecache = update
    linecache.checkcache = lambda filename=None: None
    linecache.cache.clear()


def unwritten():
    """What the program has printed and still keeps in its buffer. Natively pdb, which has the same
    buffer, writes it out."""
    stream = sys.__stdout__
    try:
        if stream.fileno() != 1:
            return b""
        file, real = os.memfd_create("output"), os.dup(1)
        os.dup2(file, 1)
        try:
            stream.flush()
        finally:
            os.dup2(real, 1)
        return os.pread(file, os.fstat(file).st_size, 0)
    except (AttributeError, OSError, ValueError):
        return b""  # it has none, or has closed it


def threads(given, ask, frame):
    return {"threads": [{"name": it["name"], "does": it["does"], **stack(given, it["frame"])}
                        for it in others().threads(ask, frame)]}


def serve(what, text, request, pending, frame, argument):
    given = Json.loads(text)
    given["raised"] = given["event"] == "return" and isinstance(argument, tuple) and given["left"]
    sys.stdout, sys.stderr = output(1), output(2)

    def ask(question):
        return Json.loads(request(Json.dumps(question)))

    read_sources(ask)

    if what == "threads":
        answer = threads(given, ask, frame)
    elif what == "prompt":
        printed = unwritten()
        if printed:
            sys.stdout.buffer.write(printed[len(printed) - pending(len(printed)):])
        answer = Pdb(ask, frame, given).converse(argument)
    else:
        answers = {"condition": condition, "evaluate": evaluate, "stack": stack,
                   "variables": variables}
        answer = answers[what](given, frame)
    sys.stdout.flush()
    sys.stderr.flush()
    return Json.dumps(answer)
