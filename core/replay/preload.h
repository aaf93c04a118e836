/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object that is loaded before an interpreter's own libraries, so that its definitions of the
 * C library's functions are found first. Replaying: host calls are served from a slice. Recording:
 * they run and are logged. Either way the interpreter's file is the distribution's, unchanged.
 */
#ifndef CC_PRELOAD_H
#define CC_PRELOAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/host/hostcall.h"
#include "core/replay/context.h"
#include "core/runtime/runtime.h"

#pragma GCC visibility push(hidden)

/* ---- symbols (thunk.S is generated from the table) ---- */

struct cc_symbol {
	const char *name;
	uint32_t row;	 /* of cc_hostcalls */
	uint32_t effect; /* the row's first: a row itself is parsed when it is needed */
};
extern const struct cc_symbol cc_symbols[];
extern const unsigned cc_symbol_count;
extern void *cc_real[]; /* the C library's definitions, by symbol; NULL: not yet looked up */
/* The C library's definition of this symbol; it is looked up when it is not known yet. */
void *cc_real_function(unsigned symbol);

/*
 * The handler of every thunk while the program runs: what the call returns in rax. `args` is the
 * beginning of the thunk's frame. If it sets cc_host_passes, the C library's function runs in the
 * program's context instead.
 */
typedef int64_t cc_host_function(unsigned symbol, uint64_t args[CC_MAXARGS]);
extern cc_host_function *cc_host;
extern volatile uint8_t cc_host_passes;

struct cc_frame_of_call {
	uint64_t args[CC_MAXARGS]; /* the first six came in registers */
	uint64_t rax, symbol;
	/* Set if rax is not 0: its low byte is how many of these a variadic function gets */
	uint64_t xmm[8][2];
	uint64_t rbp, return_address;
	uint64_t stack[];
};
/* For cc_own_variadic: the frame of the call that is looked at now. */
extern const struct cc_frame_of_call *cc_frame_now;
int cc_variadic_of_frame(const uint64_t *args, struct cc_variadic *more);

/* Calls the C library's function with these arguments; what it returns in rax. */
int64_t cc_call_real(unsigned symbol, const uint64_t args[CC_MAXARGS]);

/* ---- memory ---- */

/*
 * populate.c: have the kernel give the pages now; of a step larger than 1 MiB each page when it is
 * touched.
 */
void cc_populate(uint64_t address, uint64_t length);
void cc_populate_data(uint64_t address, uint64_t length); /* of an object: larger ones too */
void cc_populate_program(void);				  /* the interpreter's own data */

/*
 * The running thread has no heap yet: before its first allocation it waits until it is its turn
 * (threads.c).
 */
extern uint8_t cc_thread_heapless;
void cc_thread_takes_heap(void);
void cc_thread_took_heap(void); /* the allocation is done: others go on, if the log says so */

/* What calloc is to take for `count` in the program's context (threads.c). */
size_t cc_threads_hide_tls(size_t count, size_t size);

/* Recording: told of each allocation that the C library makes inside a host call. */
extern void (*cc_inner_alloc)(const struct cc_alloc *alloc);
/* Replaying: make that allocation again, in the program's heap. */
void cc_redo_heap(void); /* the running thread takes its heap, and no memory from it */
/*
 * Makes this allocation of the run's again. Its address; where that is not the recorded one,
 * nothing more has been done.
 */
uint64_t cc_redo_alloc(const struct cc_alloc *alloc);
/* The call that is being served may free or grow this block of the program's own. */
void cc_redo_permit(uint64_t address);
/* Is it a block that the C library allocated inside host calls, or one of those? 1 or 0. */
int cc_redo_holds(uint64_t address);

/* ---- tripwire ---- */

/*
 * Catch each system call made in the program's context. The heap's are answered so that memory
 * comes at recorded addresses; anything else stops the run with its name.
 */
int cc_tripwire_arm(uint64_t brk, struct cc_error *error);
void cc_tripwire_again(void); /* in a forked copy, which does not inherit it */
/* While the C library reads its own data (locales): open(2) finds the slice's files. */
void cc_data_begin(void);
void cc_data_end(void);
void cc_data_add(const char *path, const void *content, size_t length);
/* As open(2) of a file of the slice: a descriptor with an offset of its own; -ENOENT. */
long cc_data_open(const char *path);
int cc_data_below(const char *path);	  /* 1: the slice has files in such a directory */
const char *cc_data_path(int descriptor); /* of a file that was opened so; NULL: of another */

/* While the dynamic linker loads an object it does as it likes. */
enum cc_loading {
	CC_LOADING_NOTHING,
	CC_LOADING_MODULE, /* of the program's: mapped where the run had it */
	CC_LOADING_OURS,
};
/* What the dynamic linker loads from now on; CC_LOADING_NOTHING: it is done. */
void cc_loading(enum cc_loading what);

/* ---- the process ---- */

/* The interpreter of this process: its runtime, and the addresses of the runtime's symbols. */
struct cc_interpreter {
	const struct cc_runtime *runtime;
	uint64_t at[CC_SYMBOLS_MAX];
};
/*
 * Looks the interpreter of this process up. 0, or -1: there is none that is known. Its version is
 * not checked.
 */
int cc_find_interpreter(struct cc_interpreter *interpreter);

/* The build-id of the object that is loaded at this address, in hex; "" when it has none. */
void cc_loaded_build_id(uint64_t base, char *hex, size_t size);

/* Print a line that begins with the command's name. */
void cc_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and end with 125. */
void cc_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/*
 * What was asked for besides the replay (prints, a hook's file) is not whole. The replay goes on;
 * when it is over this is said, once, and its status is 125.
 */
void cc_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cc_complaints_report(void); /* whether there were any */

/*
 * The kernel refuses so much memory: there is too little, or a limit. Itself this takes no memory.
 */
void cc_die_of_memory(size_t size, const char *whose) __attribute__((noreturn));

/* ---- what a runtime adds ---- */

#define CC_NEVER INT64_MAX
#define CC_SOME_TIME (INT64_MAX / 2) /* count, though it is not known yet what for */

extern uint64_t cc_calls; /* host calls that have returned, those of signal handlers aside */

/*
 * The op frame, as the log has it, of the host call that is served or comes next; NULL: something
 * else comes next.
 */
const struct cc_frame *cc_frame_in_log(void);

/* A host call has returned: ops are counted from here on. */
void cc_ops_call(void);

/*
 * cc_op_due is called when so many ops have completed since the last host call. On the way there
 * the run loop, told to watch, calls cc_ops_completed after each op, and says whether the loop ends
 * with this one. Then an event of the next op (in-op, logs/event.h) is late: it happens when the
 * loop is over, or when that op has entered so many loops itself. The run loop tells of both, if
 * cc_op_late says so.
 */
void cc_ops_until(int64_t ops);
void cc_ops_completed(int loop_ends);
/*
 * A runtime may count by itself (its `elapsed`) and call this at the op that cc_ops_left told it
 * of.
 */
void cc_ops_reached(void);
int64_t cc_ops_left(void);
int64_t cc_ops_swap(int64_t ops); /* another thread's count; gives this one's */
void cc_ops_loop_ended(void);
void cc_ops_loop_entered(void);
uint64_t cc_ops_loops(void); /* entered since the last op or host call, while an event is late */
extern uint8_t cc_op_late;
extern void (*cc_op_due)(int loop_ends);

/*
 * A valued op has completed, and no other op has since its own host call: its result is logged or
 * compared.
 */
extern void (*cc_op_value)(void);

#pragma GCC visibility pop

#endif
