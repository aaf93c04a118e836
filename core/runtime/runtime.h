/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a language tells of its interpreter (parts of struct cc_language): how its state is read
 * from memory, for whoever has that, and where in its code the stage looks. Data first.
 */
#ifndef CC_RUNTIME_H
#define CC_RUNTIME_H

#include <stdint.h>

#include "core/host/hostcall.h"
#include "logs/trace.h"

#define CC_SYMBOLS_MAX 16
#define CC_TEXT_MAX 1024

/* An op frame with the memory that its strings stand in. */
struct cc_frame_text {
	struct cc_frame frame;
	char op[64], file[CC_TEXT_MAX], sub[CC_TEXT_MAX];
	uint64_t op_address; /* identity of the op being run; 0: none */
	int valued;	     /* its result is to be logged when it completes */
	/*
	 * The program is over: file and line are those of the statement that ended it. Slices of
	 * before have no line there.
	 */
	int ended;
	/* That statement, from one frame to the next, as `ends` has found it; line 0: it has not */
	struct {
		uint32_t line;
		char file[CC_TEXT_MAX];
	} last;
};

/*
 * The op frame of a thread that gives the interpreter's lock up, until it has the lock back: the
 * thread runs no op meanwhile, and at the program's end the interpreter forgets it. A cleared frame
 * is that of no op at all.
 */
static inline void cc_frame_keep(struct cc_frame_text *kept, const struct cc_frame_text *now)
{
	*kept = *now;
	kept->frame.file = kept->file;
	kept->frame.sub = kept->sub;
	if (!now->frame.op || now->frame.op == now->op) /* else it is a constant's */
		kept->frame.op = kept->op;
}

/* A place in the interpreter's code that the stage watches. */
enum cc_watch_kind {
	/* An op has completed: behind the run loop's call, or where the next begins */
	CC_WATCH_OP_DONE,
	/* Entry of a run loop, where the op that enters one may have looked for signals before */
	CC_WATCH_LOOP,
	/* Entry of a C signal handler that only notes the signal, its argument */
	CC_WATCH_HANDLER,
	CC_WATCH_IMMEDIATE, /* entry of a C handler that runs the program's at once */
	CC_WATCH_DISPATCH,  /* entry of the function that runs the program's handlers */
	CC_WATCH_END,	    /* entry of a function that ends the program */
	/* Entry of a function of an extension's that the C library calls, likewise */
	CC_WATCH_CALLBACK,
	CC_WATCH_FOREIGN, /* entry of a handler of an extension's own, met when it was installed */
};
struct cc_watch {
	uint8_t kind;
	const char *symbol;
	/*
	 * The first such code in the function; length 0: the entry itself. The watched place is
	 * behind the pattern.
	 */
	uint8_t pattern[8], pattern_length;
};

/*
 * The lock that a thread holds while it runs the interpreter: `mutex` guards its state and is
 * locked to drop it and to take it; `taken` is locked next by the thread that has taken the lock;
 * `holder`, a pointer, is not NULL while a thread has it. Offsets from a symbol.
 */
struct cc_lock {
	unsigned symbol;
	uint64_t mutex, taken, holder;
	/* All that belongs to the lock: the program's other threads use none of it */
	uint64_t begin, end;
};

/*
 * A number that the interpreter's file holds, and what it is where memory is laid out as in the
 * headers: a version, the size of a struct.
 */
struct cc_mark {
	const char *symbol;
	/* The size of the number that stands there; 0: the size of the symbol itself counts */
	uint8_t bytes;
	uint64_t mask, is;
};
#define CC_MARKS_MAX 8
/* Where a data symbol's content is, and its size (0: not known); NULL: it is not there. */
typedef const void *cc_find_symbol(void *context, const char *name, uint64_t *size);

/* Advice for a user: what avoids that an extension's own signal handler comes amidst its code. */
struct cc_advice {
	const char *object, *text; /* a part of the extension's path */
};

struct cc_elf;
typedef void cc_place_function(void *context, uint64_t address, enum cc_watch_kind kind);

struct cc_runtime {
	const char *name;    /* the language's */
	const char *version; /* of the headers that this was built with */
	const char *kind;    /* of its slices, and their suffix */
	/* All must agree, or the interpreter is of another version; ends with symbol NULL */
	const struct cc_mark *marks;
	/* "5.40.0", of these numbers. */
	void (*name_version)(const uint64_t marks[CC_MARKS_MAX], char *text, size_t size);
	/* Dynamic symbols of the interpreter's executable; all must be there. NULL-terminated. */
	const char *const *symbols;
	/*
	 * symbols[i]'s run-time addresses come in `at`. 0, or -1 when there is no interpreter yet.
	 * Before, `text` is the last frame of the same process, or all zeros.
	 */
	int (*frame)(const struct cc_memory *memory, const uint64_t *at,
		     struct cc_frame_text *text);
	/*
	 * At CC_WATCH_END, while the interpreter knows what it runs: text->last is set, in the last
	 * frame of the process. NULL: nothing is watched.
	 */
	void (*ends)(const struct cc_memory *memory, const uint64_t *at,
		     struct cc_frame_text *text);
	/* The op being run, as in cc_frame_text.op_address; 0: none. */
	uint64_t (*op)(const struct cc_memory *memory, const uint64_t *at);
	/*
	 * The result that the completed op left on top of the interpreter's stack. CC_VALUE_OTHER
	 * where there is none, or no plain one: it never fails, so that whoever asks gets the same
	 * answer.
	 */
	void (*value)(const struct cc_memory *memory, const uint64_t *at, struct cc_value *value,
		      char *text, size_t size);
	/*
	 * Has the C handler at this address noted the signal, and nobody run the program's handler
	 * yet? NULL: always.
	 */
	int (*signal_waits)(const struct cc_memory *memory, uint64_t handler, unsigned signal);
	/* May these two names be one op, that another thread has specialised? NULL: no. */
	int (*same_op)(const char *one, const char *other);
	const struct cc_lock *lock; /* NULL: threads are not modelled */
};

struct cc_runtime_places {
	const struct cc_watch *watches; /* ends with symbol NULL */
	unsigned run_loop;		/* which of the symbols is the function that runs ops */
	const struct cc_advice *advice; /* ends with object NULL; or NULL */
	/*
	 * More places that are watched, by address as linked: those that have no symbol. NULL:
	 * none.
	 */
	void (*find)(const struct cc_elf *elf, cc_place_function *found, void *context);
};

/* marks.c: 0, or CC_EVERSION with what the interpreter is and what would be understood. */
int cc_runtime_check(const struct cc_runtime *runtime, cc_find_symbol *find, void *context,
		     struct cc_error *error);

#endif
