/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host-call table and the one walker over its rows. A host call is a call that enters the C
 * library from outside it. Each row of hostcalls.def says what goes in and what comes out; encoding
 * a call out of a guest's memory, out of our own memory, comparing and serving it in a replay, and
 * printing it are all the same walk over the row's items.
 */
#ifndef CC_HOSTCALL_H
#define CC_HOSTCALL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "logs/buffer.h"
#include "logs/log.h"

#define CC_MAXARGS 10
#define CC_NOARG 0xff

enum cc_class {
	CC_HOST, /* logged, and served in a replay */
	CC_LIVE, /* memory, locks: always runs for real, not logged */
	CC_LOAD, /* dlopen and friends: logged, and runs for real in the replayer's own heap */
	CC_PURE, /* a function of its arguments (and memory, and locale): passed over */
	/*
	 * Reads data that belongs to libc (locale, gconv): runs for real on the
	 * slice's files; logged, so that both sequences can be compared
	 */
	CC_DATA,
	CC_THREAD, /* threads and their waiting: not logged; a replay has its own */
	CC_REFUSE, /* not modelled: a clear error at slice time and in a replay */
};

/* How one argument or the result is read. */
enum cc_item_kind {
	CC_ITEM_PTR,   /* an address: not logged, not compared */
	CC_ITEM_INT,   /* 32-bit signed */
	CC_ITEM_UINT,  /* 32-bit unsigned */
	CC_ITEM_LONG,  /* 64-bit signed */
	CC_ITEM_ULONG, /* 64-bit unsigned */
	/* An address that is logged and served but not compared (handles, results) */
	CC_ITEM_ADDR,
	CC_ITEM_STR,	 /* const char *, in; as a result: a string in libc's own memory */
	CC_ITEM_STRV,	 /* NULL-terminated char *[], in */
	CC_ITEM_IN,	 /* bytes in, `length` of them */
	CC_ITEM_OUT,	 /* bytes out */
	CC_ITEM_INOUT,	 /* bytes in, then bytes out */
	CC_ITEM_STROUT,	 /* NUL-terminated string out, capacity `length` */
	CC_ITEM_IOVIN,	 /* struct iovec[n], in */
	CC_ITEM_IOVOUT,	 /* struct iovec[n], out: ret bytes in all */
	CC_ITEM_MSGIN,	 /* struct msghdr, in */
	CC_ITEM_MSGOUT,	 /* struct msghdr, out */
	CC_ITEM_MMSGIN,	 /* struct mmsghdr[n], in, and out how much of each was sent */
	CC_ITEM_MMSGOUT, /* struct mmsghdr[n], out: as many as the result says */
	CC_ITEM_VOID,
	/*
	 * A struct with pointers, out: as a result in libc's own memory, as an
	 * argument with its strings in the buffer argument `length_arg`
	 */
	CC_ITEM_GRAPH,
	CC_ITEM_PTROUT,	  /* a pointer out: NULL, one of the arguments, or an address */
	CC_ITEM_SELF,	  /* result: the argument `length_arg`, or an address where that is NULL */
	CC_ITEM_STRINOUT, /* a string that is changed in place (mkstemp) */
	CC_ITEM_STRL,	  /* variadic strings up to a NULL (execl) */
	CC_ITEM_BY,	  /* what it is depends on the argument before it (fcntl, ioctl) */
	CC_ITEM_STREAM,	  /* a FILE: an address in, what its read buffer holds out */
	CC_ITEM_FILE,	  /* a FILE that is gone then (fclose): an address */
	CC_ITEM_PRINT,	  /* variadic, by a format: in, but for counts (%n) */
	CC_ITEM_VPRINT,	  /* the same in a va_list */
	CC_ITEM_SCAN,	  /* variadic, by a format: out */
	CC_ITEM_VSCAN,
	CC_ITEM_DATUM, /* a number in the C library's data, out: behind the arguments */
	/*
	 * result: void, and tzname, timezone and daylight are set; or an item
	 * behind the arguments, for the same
	 */
	CC_ITEM_TZ,
};

/* Where the length of a buffer comes from: a constant times what `source` says. */
enum cc_length_source {
	CC_LEN_CONST, /* `scale` bytes */
	CC_LEN_ARG,   /* argument `arg`, times scale */
	CC_LEN_RET,   /* the result, times scale; for an out-buffer with `arg` set: at most that */
	/*
	 * The 32-bit value that argument `arg` points to, after the call for an
	 * out-buffer, but at most what it was before (socklen_t)
	 */
	CC_LEN_AT_ARG,
	CC_LEN_FDSET, /* the longs of an fd_set of `arg` descriptors */
	/* As many as the semaphores of the set that `arg` is; only who logs can know */
	CC_LEN_SEMS,
};

/* When does a call count as failed, so that it has no out-items? */
enum cc_result {
	CC_RES_NEGATIVE, /* -1 is failure */
	CC_RES_NULL,	 /* NULL is failure */
	CC_RES_NONZERO,	 /* anything but 0 is failure (getpwnam_r, getaddrinfo, ttyname_r) */
	CC_RES_ALWAYS,	 /* cannot fail */
};

struct cc_item {
	char name[20];
	uint8_t kind;	       /* enum cc_item_kind */
	uint8_t length_source; /* enum cc_length_source */
	uint8_t length_arg;    /* CC_NOARG: none */
	uint8_t length_times;  /* an argument that multiplies the length (fread), or CC_NOARG */
	uint8_t length_plus;   /* bytes before what is counted (msgrcv) */
	uint8_t unit;	       /* bytes of a character of a string: 1 or 4 */
	uint8_t from_heap;     /* memory that the call got from malloc for the program */
	uint8_t optional;      /* the call may leave the buffer as it is (a `rest` of nanosleep) */
	uint8_t even_failed;   /* an out-item of a call that failed, too */
	uint8_t may_exceed;    /* the result can be more than the buffer holds (MSG_TRUNC) */
	uint8_t directions;    /* CC_IN | CC_OUT of walk.h */
	uint8_t shape;	       /* which functions walk it: enum cc_shape_id of walk.h */
	uint8_t decode;	       /* 1 + index of its layout, list of names or variants; 0: none */
	uint32_t scale;
};

/*
 * What a call does, beyond what goes in and what comes out. A row's last column names it, and the
 * arguments that it concerns; whoever acts upon it asks for the effect, never for the call's name.
 * doc/hostcalls.md lists them.
 */
/* clang-format off */
#define CC_EFFECTS(X) \
	X(INPUT, input) X(OUTPUT, output) X(MOVE, move) X(SEEK, seek) X(UNREAD, unread) \
	X(STATUS, status) X(CLOSE, close) X(OPEN, open) X(CREATE, create) X(LIST, list) \
	X(REMOVE, remove) \
	X(REMOVE_DIRECTORY, remove_directory) X(MAKE_DIRECTORY, make_directory) X(RENAME, rename) \
	X(LINK, link) X(TRUNCATE, truncate) X(CHANGE_MODE, change_mode) \
	X(CHANGE_OWNER, change_owner) X(CONNECT, connect) X(BIND, bind) X(LOOK_UP, look_up) \
	X(EXECUTE, execute) X(START, start) X(FORK, fork) X(VFORK, vfork) X(SIGNAL, signal) \
	X(HANDLER, handler) X(MASK, mask) X(CALLBACKS, callbacks) X(EXIT, exit) \
	X(WIND_UP, wind_up) X(MAP, map) X(ATTACH, attach) X(DETACH, detach) X(REMAP, remap) \
	X(BY_NUMBER, by_number) X(LOAD, load) X(SYMBOL, symbol) X(UNLOAD, unload) \
	X(LOAD_ERROR, load_error) X(DIRECT, direct) X(SELF, self) X(CREATE_THREAD, create_thread) \
	X(EXIT_THREAD, exit_thread) X(JOIN_THREAD, join_thread) X(LOCK, lock) X(ONCE, once) \
	X(MEET, meet) X(UNLOCK, unlock) X(INIT_LOCK, init_lock) X(WAIT, wait) X(WAKE, wake) \
	X(POST, post) X(WAIT_SEMAPHORE, wait_semaphore)
/* clang-format on */

enum cc_effect {
	CC_NO_EFFECT,
#define CC_EFFECT(NAME, name) CC_EFFECT_##NAME,
	CC_EFFECTS(CC_EFFECT) CC_EFFECT_COUNT,
	CC_EFFECT_FIRST_OF_THREADS = CC_EFFECT_SELF, /* from here on: at most one to a row */
};
#undef CC_EFFECT
#define CC_ROW_EFFECTS 2
#define CC_EFFECT_ARGS 3

struct cc_hostcall {
	const char *name;
	const char *aliases; /* other symbols with the same row, space separated, or "" */
	const char *spec;
	uint8_t class;	/* enum cc_class */
	uint8_t result; /* enum cc_result */
	uint8_t noreturn;
	uint8_t nargs;
	uint8_t is_parsed;
	uint8_t storage;  /* where a result in libc's memory is served from: slot + 1, or 0 */
	uint8_t threads;  /* its effect from CC_EFFECT_FIRST_OF_THREADS on, or CC_NO_EFFECT */
	uint64_t effects; /* bits, by enum cc_effect */
	struct cc_row_effect {
		uint8_t effect;		     /* enum cc_effect */
		uint8_t arg[CC_EFFECT_ARGS]; /* CC_NOARG: none */
	} effect[CC_ROW_EFFECTS];
	struct cc_item ret;
	struct cc_item arg[CC_MAXARGS];
};

extern struct cc_hostcall cc_hostcalls[]; /* filled in by cc_hostcall_init */
extern const unsigned cc_hostcall_count;

static inline int cc_call_does(const struct cc_hostcall *call, enum cc_effect effect)
{
	return (int)(call->effects >> effect & 1);
}

/* The number of an effect's argument, or CC_NOARG. */
unsigned cc_call_effect_arg(const struct cc_hostcall *call, enum cc_effect effect, unsigned number);
const char *cc_effect_name(enum cc_effect effect);
/* What shmat's flags let a program do with memory, as mmap says it. */
int cc_attach_protection(int flags);

/*
 * The bytes in our own memory that a call with the effect OUTPUT gives away, up to `room`, piece by
 * piece; returns how many. `put` may be NULL.
 */
typedef void cc_put_piece(void *context, const void *data, size_t length);
size_t cc_call_output(const struct cc_hostcall *call, const uint64_t *args, size_t room,
		      cc_put_piece *put, void *context);

/* Parse every row's spec. Idempotent. Aborts with a message on a malformed row (a build error). */
void cc_hostcall_init(void);

/* For who needs few rows: each is parsed when it is first found, or asked for by its number. */
void cc_hostcall_init_some(void);
const struct cc_hostcall *cc_hostcall_row(unsigned row);

/* The row of a symbol (name or alias, without @VERSION), or NULL. */
const struct cc_hostcall *cc_hostcall_find(const char *symbol);

/* Why a data symbol of the C library (environ, stdin) needs no row; NULL when it is unknown. */
const char *cc_datasym_find(const char *symbol);

/*
 * sem_open maps each semaphore at the beginning of a page, where the kernel puts mappings: far
 * above the heap, whose blocks may begin there too.
 */
#define CC_SHARED_SEMAPHORE_MASK 0x7f0000000ffful
#define CC_SHARED_SEMAPHORE 0x7f0000000000ul

/* The C library's function for the system call of this number; NULL: none does just that. */
const char *cc_call_by_number(uint64_t number);

/*
 * The call that a call by number is, with its arguments in `meant`: syscall(SYS_getpid) is
 * getpid(). Any other call is itself.
 */
const struct cc_hostcall *cc_call_meant(const struct cc_hostcall *call,
					const uint64_t args[CC_MAXARGS],
					uint64_t meant[CC_MAXARGS]);

/*
 * Is the call's request, command or number one that nobody has described, so that what the call
 * brings is not known? Then *text says which. If such a call fails it brings nothing, and may be
 * logged.
 */
struct cc_memory;
int cc_call_unknown(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		    const struct cc_memory *memory, char *text, size_t size);

/* What a call got beyond its first arguments. */
struct cc_variadic {
	uint64_t stack; /* where the arguments on the stack begin; 0: not known */
	/* The lower halves of xmm0 to xmm7; 0 if the caller said that there are none */
	uint64_t vector[8];
};

/* Memory of the process that makes the call: a guest's, or our own. */
struct cc_memory {
	/* 0 when all `length` bytes were read, else negative. */
	int (*read)(void *context, uint64_t address, void *data, size_t length);
	void *context;
	/* The address of a data symbol of the C library, or 0. NULL: none is known. */
	uint64_t (*symbol)(void *context, const char *name);
	/* A register of the thread that runs. NULL: none is known. */
	uint64_t (*reg)(void *context, unsigned number);
	/* What the call with these arguments got beyond them; 0, or -1. NULL: nothing is known. */
	int (*variadic)(void *context, const uint64_t *args, struct cc_variadic *more);
	/* How many semaphores a set of System V has, or -1. NULL: nobody knows. */
	int64_t (*semaphores)(void *context, uint32_t id);
	/* Is a file mapped there, or memory that processes may share? NULL: nothing is. */
	int (*mapped)(void *context, uint64_t address);
};
/* DWARF's numbers (System V ABI for x86-64, figure 3.36). */
enum { CC_REG_R13 = 13, CC_REG_FS_BASE = 58 };
/* Our own memory: addresses are trusted. Registers are cc_own_register's, if that is set. */
extern const struct cc_memory cc_own_memory;
extern uint64_t (*cc_own_register)(unsigned number);
extern int (*cc_own_mapped)(uint64_t address);
extern int (*cc_own_variadic)(const uint64_t *args, struct cc_variadic *more);

/*
 * The class of one very call: the row's, but where it depends on an argument. An anonymous mmap is
 * live, and so is what is done to a stream in memory, or of the program's own functions.
 */
enum cc_class cc_call_class(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			    const struct cc_memory *memory);

/* Does the call get more than its first arguments (struct cc_variadic)? */
int cc_call_is_variadic(const struct cc_hostcall *call);

/*
 * Encode what goes into a call, at its entry. -1 when some memory could not be read (`out` is then
 * as it was: try again at the return). `writer` holds the blobs; NULL writes every blob inline.
 */
int cc_call_encode_in(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		      const struct cc_memory *memory, struct cc_log_writer *writer,
		      struct cc_buffer *out);

/*
 * The same when other records may come before the call's: blobs are inline, but for large ones,
 * which go to `parts`.
 */
int cc_call_encode_entry(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			 const struct cc_memory *memory, struct cc_log_writer *parts,
			 struct cc_buffer *out);

/*
 * The same of a call that failed, when its memory could not be read: an address where nothing is
 * there is logged as if it were NULL.
 */
void cc_call_encode_faulted(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			    const struct cc_memory *memory, struct cc_log_writer *parts,
			    struct cc_buffer *out);

/*
 * What AT_ARG lengths (socklen_t *) were at entry, one per argument, for cc_call_encode_out and
 * cc_call_serve.
 */
void cc_call_lengths(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		     const struct cc_memory *memory, uint32_t before[CC_MAXARGS]);

/* Encode the out-items at the return. `ret` is already sign-extended by cc_call_result. */
int cc_call_encode_out(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		       const uint32_t before[CC_MAXARGS], int64_t ret,
		       const struct cc_memory *memory, struct cc_log_writer *writer,
		       struct cc_buffer *out);

/* rax as the row's result type. */
int64_t cc_call_result(const struct cc_hostcall *call, uint64_t rax);
int cc_call_failed(const struct cc_hostcall *call, int64_t ret);

/* Does the call hand out memory from malloc that the program reads (getaddrinfo)? */
int cc_call_gives_memory(const struct cc_hostcall *call);

/*
 * In a replay: compare the logged in-items with a live call, one that was logged as faulted maybe.
 * 0 when they agree. Otherwise -1 and in *item the argument's number, -2 when the log is malformed.
 */
int cc_call_compare(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS], int faulted,
		    struct cc_log_reader *reader, struct cc_cursor *cursor, unsigned *item);

/* Write the logged out-items into live memory. -1 when the log is malformed or does not fit. */
int cc_call_serve(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		  const uint32_t before[CC_MAXARGS], int64_t ret, struct cc_log_reader *reader,
		  struct cc_cursor *cursor);

/*
 * In a replay: memory of `size` bytes at this very address, where the C library had its result in
 * the run; NULL where something else stands. The pointer itself is NULL where no replay has set it.
 */
extern uint8_t *(*cc_storage_place)(uint64_t address, size_t size);
/*
 * In a replay: did the C library allocate this block inside host calls, so that one may be served
 * into it? NULL: it did not.
 */
extern int (*cc_storage_block)(uint64_t address);

/*
 * What a replay's wrapper returns: `ret`, but for results in libc's own memory the address of our
 * copy (valid until the next call of the same row), and for results that are an argument (getcwd)
 * the live argument. After cc_call_serve.
 */
int64_t cc_call_returned(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			 int64_t ret);

/*
 * A call for a message: its name, and behind it the number by which it is many calls
 * ("syscall(SYS_reboot)").
 */
void cc_call_describe(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS], char *text,
		      size_t size);

/*
 * Printing. Both take the logged items only. The text is one line, strace's way:
 *   read(3, n=8192) = 8192 → "first line\n"...
 * `print_in` writes `name(args)`; `print_out` writes ` = ret ERRNO (text) → items`.
 * Strings are escaped and cut at `limit` bytes (0: not cut).
 */
int cc_call_print_in(const struct cc_hostcall *call, struct cc_log_reader *reader,
		     struct cc_cursor *cursor, size_t limit, FILE *to);
int cc_call_print_out(const struct cc_hostcall *call, int64_t ret, int error,
		      struct cc_log_reader *reader, struct cc_cursor *cursor, size_t limit,
		      FILE *to);
/*
 * The same for machines: adds "args": {…} / "ret", "errno", "out": {…} to `object`. Bytes that are
 * not UTF-8 become {"base64": "…"}.
 */
int cc_call_json_in(const struct cc_hostcall *call, struct cc_log_reader *reader,
		    struct cc_cursor *cursor, json_t *object);
int cc_call_json_out(const struct cc_hostcall *call, int64_t ret, int error,
		     struct cc_log_reader *reader, struct cc_cursor *cursor, json_t *object);

#endif
