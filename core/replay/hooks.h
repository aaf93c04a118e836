/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis in C, beside the replayed program, by the option --hook ./x.so=ARGUMENTS
 *
 * The object exports cc_hook_load, which says what the hook wants to be told of. A hook runs in the
 * replay's process but in our context: its memory comes from another heap than the program's, its
 * host calls are real (it may read and write files), and nothing that it does through this
 * interface changes the run. It must not write to the program's memory. What no hook asks for costs
 * nothing. doc/hooks.md has examples, and says how each language names things.
 *
 * Names of files and subs are texts that stay: the same text always has the same address.
 */
#ifndef CC_HOOKS_H
#define CC_HOOKS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CC_HOOKS_VERSION 4

/* Where the program is, or one of its callers. */
struct cc_hook_frame {
	const char *file; /* "": none, as in a function in C */
	unsigned line;
	const char *sub; /* its full name; outside of subs what the language says for that */
};

/* A call of a sub or function. */
struct cc_hook_call {
	const char *sub;
	/*
	 * Where the sub is defined, or its first statement. In C (builtins, extensions): "" and 0.
	 */
	const char *file;
	unsigned line;
	struct cc_hook_frame caller;
	int before; /* entered before the fork, in a forked child: see `forked` below */
};

/*
 * When: so many host calls are over, and so many events came since the last. It is written
 * [CALLS.EVENTS] before what --print prints; the debuggers' `go` takes CALLS.EVENTS.
 */
struct cc_hook_moment {
	uint64_t calls, events;
};

/* The statements of a sub, or of what a file has outside of subs. */
struct cc_hook_code {
	const char *sub;
	const char *file;
	unsigned line;
	const unsigned *lines; /* where statements begin, in ascending order */
	size_t count;
};

enum cc_hook_kind {
	CC_HOOK_NOTHING, /* undef, None, a NULL pointer */
	CC_HOOK_INTEGER,
	CC_HOOK_UNSIGNED, /* above INT64_MAX */
	CC_HOOK_NUMBER,
	CC_HOOK_TEXT,  /* UTF-8, and a NUL behind it */
	CC_HOOK_BYTES, /* text and length; a NUL behind them */
	CC_HOOK_OTHER, /* text: what it is ("HASH", "list", a class) */
};

/* Valid until the hook's function returns. */
struct cc_hook_value {
	enum cc_hook_kind kind;
	union {
		int64_t integer;
		uint64_t unsigned_integer;
		double number;
	};
	const char *text;
	size_t length;
	size_t count;	   /* elements of an OTHER that is a container */
	uint64_t address;  /* of an OTHER: tells it from others */
	uint64_t variable; /* likewise of the variable that holds it; 0: none does */
	uint64_t inside;   /* for cc_hook_element */
};

struct cc_hook {
	uint32_t version;      /* of hooks.h as it was compiled with, set by the replay */
	const char *arguments; /* likewise: what stands behind `=` in --hook; "" */
	void *data; /* the hook's own, passed to every function; any function may be NULL */

	/* A statement, or a line, is about to run. */
	void (*statement)(void *data, const char *file, unsigned line, const char *sub);
	/*
	 * Code was loaded: a file's own, and that of the subs in it, as the file begins to run.
	 * Told once of each; not of what eval and exec make of text.
	 */
	void (*code)(void *data, const struct cc_hook_code *code);
	/*
	 * An op is about to run, under its interpreter's name for it. Costs more than all the
	 * others.
	 */
	void (*op)(void *data, const char *name);
	/*
	 * A sub was entered, in the language or in C. It is left when it has returned, or when it
	 * was left by an exception, an exit or a jump. A generator is left when it yields, and
	 * entered again.
	 */
	void (*enter)(void *data, const struct cc_hook_call *call);
	void (*leave)(void *data, const struct cc_hook_call *call, int unwound);
	/* An exception was raised; class: "" for what is a text only. */
	void (*exception)(void *data, const char *class_name, const char *text);
	/* A host call is about to be served, and was: its name, and how many came before it. */
	void (*host_call)(void *data, const char *name, uint64_t ordinal);
	void (*host_called)(void *data, const char *name, uint64_t ordinal);
	/* The program is over: its exit status, or minus the signal that killed it. */
	void (*end)(void *data, int status);
	/*
	 * Another chain of calls goes on, or a new one begins: of a thread, a greenlet, a
	 * coroutine. What is entered is left in the same chain, last-in-first-out. The first chain
	 * is 1, and not told of before there is another.
	 */
	void (*chain)(void *data, uint64_t number);
	/*
	 * Of a forked child the run begins here, within its fork: what was before is its parent's
	 * past. A hook that leaves this NULL is told of nothing of that, nor that calls are left
	 * which were entered there; only of loaded code. One that does not is told of all that
	 * happens before and after (cc_hook_past), so as to know of it what it needs. Not told
	 * where
	 * --with-parent is given: then all counts as the child's.
	 */
	void (*forked)(void *data, pid_t process);
};

/*
 * Fill in *hook. 0, or anything else to refuse (the replay then stops with 125). The symbol's name
 * has the version in it, so that an object made for another version is found out.
 */
int cc_hook_load(struct cc_hook *hook) __asm__("cc_hook_load_4")
	__attribute__((visibility("default")));

/* ---- what a hook may ask, in any of its functions ---- */

/* Frame 0 is where the program is, 1 its caller, and so on. 0; -1: there are not so many. */
int cc_hook_frame(unsigned depth, struct cc_hook_frame *frame);

/*
 * In cc_hook_load: cc_hook_moment will be asked. Events are counted from the beginning on then,
 * which takes a little time at each of them. 0; -1: it is too late.
 */
int cc_hook_count_moments(void);

/*
 * Where the run is in time: the event that is told of counts. 0; -1: cc_hook_load has not asked for
 * it.
 */
int cc_hook_moment(struct cc_hook_moment *moment);

/*
 * A variable as that frame sees it, by its name in the language, elements and fields too. No code
 * of the program runs for it. 0; -1: there is none.
 */
int cc_hook_variable(unsigned depth, const char *name, struct cc_hook_value *value);

/*
 * Element `index` of a container, and its key (a number for lists). 0; -1: there is none, or no
 * container. The order is the container's own.
 */
int cc_hook_element(const struct cc_hook_value *container, size_t index, struct cc_hook_value *key,
		    struct cc_hook_value *element);

/*
 * In host_call and host_called: an argument of the call, its name (man pages' names, "path", "fd"),
 * by number. What the call brings in is NOTHING in host_call. 0; -1: there is none.
 */
int cc_hook_argument(unsigned number, const char **name, struct cc_hook_value *value);
/* The same by its name. */
int cc_hook_argument_named(const char *name, struct cc_hook_value *value);
/*
 * What the call does, of its up to two effects by number: a word of the list in doc/hostcalls.md
 * ("open", "output"), and the names of the arguments that it concerns, NULL behind the last. 0; -1:
 * there are not so many.
 */
int cc_hook_effect(unsigned number, const char **effect, const char *arguments[3]);
/*
 * In host_called: what the call returned, and errno if it failed (else 0). 0; -1: there is no
 * result.
 */
int cc_hook_result(struct cc_hook_value *value, int *error);

/*
 * The hook's result is not whole, its file could not be written: "NAME: FILE: why". The replay goes
 * on; at its end this is said, and its status is 125.
 */
void cc_hook_fail(const char *text);

/* Is what happens now the past of a forked child (`forked`)? 1 or 0. */
int cc_hook_past(void);
/* The process that runs, in the run: in a forked child's past it is its parent. */
pid_t cc_hook_process(void);
/*
 * What each line that a hook writes is to begin with: "[pid 75] " where --show-process is given,
 * else "". Good until the function returns.
 */
const char *cc_hook_prefix(void);

/* A value as source code would have it, as much as fits; the length as of snprintf. */
int cc_hook_print(const struct cc_hook_value *value, char *text, size_t size);

/*
 * The run's command, as a shell would be given it, in one line: a text that stays.
 */
const char *cc_hook_command(void);

/*
 * In cc_hook_load: files that the program reads are to be kept for cc_hook_file, and its working
 * directory is to be followed for cc_hook_path.
 */
void cc_hook_keep_files(void);
/*
 * An absolute path, for the name of a file as events have it: from the directory in which the
 * program is now. A text that stays.
 */
const char *cc_hook_path(const char *file);
/*
 * What the program has read of the file at a path of cc_hook_path's, from its beginning: BYTES or
 * TEXT. 0; -1: nothing. A module that came from its bytecode has not been read.
 */
int cc_hook_file(const char *path, struct cc_hook_value *content);

/*
 * A copy of the whole replay as it is now, all threads of the program included: 0 in the copy, its
 * process id in the original, -1 with errno. The copy may go on; what it does changes nothing here.
 * (fork would change the program's heap, and leave the copy without the replay's guard.)
 */
pid_t cc_hook_fork(void);

#ifdef __cplusplus
}
#endif

#endif
