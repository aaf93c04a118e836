/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the records of logs/event.h: strings, call definitions and op frames are interned, so
 * that a call costs a few bytes. Used by whatever watches a run: the VM replay stage and the
 * preloaded recorder.
 */
#ifndef CC_TRACE_H
#define CC_TRACE_H

#include <stdint.h>

#include "logs/event.h"
#include "logs/log.h"

/* What the process was started with (execve's view of it). All borrowed. */
struct cc_start {
	uint64_t pid, parent;
	uint64_t brk;		/* where the heap begins; 0 when not known */
	const char *executable; /* AT_EXECFN resolved: the interpreter's file */
	const char *build_id;	/* of the executable and of the C library, hex */
	const char *libc_build_id;
	const char *directory; /* working directory */
	char *const *argv;
	char *const *envp;
	uint64_t thread; /* the first thread's pthread_self */
	uint64_t stack;	 /* where argc stood above it; 0: not known */
	/*
	 * What the process's descriptors 1 and 2 were when they are not the command's ("a
	 * pipe", a path), else ""; or NULL
	 */
	const char *outputs[2];
	/*
	 * Descriptor 0, 1, 2 is the command's stdin/stdout/stderr: 0, 1, 2;
	 * or CC_STREAM_NONE
	 */
	uint8_t streams[3];
};
#define CC_STREAM_NONE 255

/*
 * Of OUTPUT records: the run's outputs; and the process's own descriptors 1 and 2 where they are
 * something else.
 */
enum cc_stream { CC_STREAM_OUT = 1, CC_STREAM_ERR, CC_STREAM_OWN_OUT, CC_STREAM_OWN_ERR };

struct cc_frame {
	const char *op;	  /* opcode name; "" outside of any op */
	const char *file; /* "" when not known */
	uint32_t line;
	const char *sub; /* qualified name; "" for the main program */
};

enum cc_call_flags {
	CC_CALL_NORETURN = 1, /* exec, exit, or killed or jumped out of */
	CC_CALL_STDOUT = 2,   /* output that the command's stdout got */
	CC_CALL_STDERR = 4,
	/* Output that went to what the process had as stdout, which was not the command's */
	CC_CALL_OWN_STDOUT = 32,
	CC_CALL_OWN_STDERR = 64,
	CC_CALL_OUTPUTS = CC_CALL_STDOUT | CC_CALL_STDERR | CC_CALL_OWN_STDOUT | CC_CALL_OWN_STDERR,
	CC_CALL_FAILED = 16,
	CC_CALL_FAULTED = 128, /* failed, as what an argument points to was not there */
	CC_CALL_ABANDONED = 8, /* a signal handler jumped out of the call */
};

/* An allocation that the C library made for itself inside a host call. */
struct cc_alloc {
	uint8_t kind;	  /* enum cc_alloc_kind */
	uint8_t kept;	  /* still there at the return, with content */
	uint64_t size;	  /* bytes; for calloc the product */
	uint64_t address; /* argument of free and realloc, alignment of memalign */
	uint64_t result;
	const void *content; /* `size` bytes when kept, else NULL */
};
enum cc_alloc_kind {
	CC_ALLOC_MALLOC,
	CC_ALLOC_CALLOC,
	CC_ALLOC_REALLOC,
	CC_ALLOC_FREE,
	CC_ALLOC_MEMALIGN
};

enum cc_value_kind {
	CC_VALUE_UNDEF,
	CC_VALUE_INT,
	CC_VALUE_UINT,
	CC_VALUE_DOUBLE,
	CC_VALUE_STRING,
	CC_VALUE_OTHER
};
struct cc_value {
	uint8_t kind;
	union {
		int64_t i;
		uint64_t u;
		double d;
	};
	const void *data; /* CC_VALUE_STRING */
	size_t length;
};

struct cc_trace;

/* A new log with this manifest (borrowed). NULL with *error. */
struct cc_trace *cc_trace_create(const char *path, const char *kind, json_t *manifest,
				 struct cc_error *error);
/* A forked child's trace: everything so far. cc_trace_forked follows when the child is known. */
struct cc_trace *cc_trace_branch(struct cc_trace *trace, const char *path, const char *name,
				 json_t *manifest);
void cc_trace_forked(struct cc_trace *trace, uint64_t pid);
/* Both free the trace. finish gives the first error that any of the calls below met. */
int cc_trace_finish(struct cc_trace *trace, json_t *summary, struct cc_error *error);
void cc_trace_abandon(struct cc_trace *trace);

uint64_t cc_trace_frame(struct cc_trace *trace, const struct cc_frame *frame); /* its id */
uint64_t cc_trace_string(struct cc_trace *trace, const char *text);	       /* its id */

/* The first record: what was executed, with arguments and environment. Ends the frame. */
void cc_trace_start(struct cc_trace *trace, const struct cc_start *start);

/*
 * A call in two steps; between them, out-items may be encoded into the buffer that begin returns.
 */
struct cc_call_record {
	const char *name, *spec;
	uint64_t frame;
	unsigned depth, flags;
	const struct cc_buffer *in_items;
	int64_t ret;
	int errno_before, errno_after;
	const struct cc_alloc *allocs;
	size_t alloc_count;
};
/* Everything up to the out-items, which the caller appends to what this returns. */
struct cc_buffer *cc_trace_call_begin(struct cc_trace *trace, const struct cc_call_record *call);
/* The record is whole. */
void cc_trace_call_end(struct cc_trace *trace);
/* The writer below, for blobs; borrowed. */
struct cc_log_writer *cc_trace_writer(struct cc_trace *trace);

/* Before constructors or destructors that a call runs: what the call has allocated so far. */
void cc_trace_inside(struct cc_trace *trace, const struct cc_alloc *allocs, size_t count);
void cc_trace_value(struct cc_trace *trace, const struct cc_value *value);

/* What the kernel gives a handler with SA_SIGINFO: a siginfo_t, and how a ucontext_t begins. */
struct cc_signal_details {
	uint8_t info[128];
	uint8_t context[304]; /* up to the mask; its pointer to the floating-point state is NULL */
};
struct cc_signal {
	unsigned signal;
	uint64_t ops; /* see logs/event.h */
	unsigned depth;
	enum { CC_SIGNAL_BETWEEN, CC_SIGNAL_IN_OP, CC_SIGNAL_IN_SYSCALL } in_op;
	uint64_t loops; /* run loops that the op had entered */
};
/* `details` is NULL for a handler that is given none. */
void cc_trace_signal(struct cc_trace *trace, const struct cc_signal *signal,
		     const struct cc_signal_details *details);
/* A system call of the C library's own (core/host/inner.h). */
void cc_trace_syscall(struct cc_trace *trace, unsigned number, int64_t result, const void *content,
		      size_t length);
/* `path`: of the object in which the instruction stands, at `address` as linked; or "". */
void cc_trace_instruction(struct cc_trace *trace, const char *path, uint64_t address,
			  const void *code, size_t length, int faults);
void cc_trace_executed(struct cc_trace *trace, uint64_t count, const void *content, size_t length);
void cc_trace_map(struct cc_trace *trace, unsigned syscall, uint64_t length, uint64_t address);
void cc_trace_alias(struct cc_trace *trace, uint64_t address, uint64_t other);
void cc_trace_memory(struct cc_trace *trace, uint64_t address, const void *content, size_t length);
void cc_trace_callback(struct cc_trace *trace, uint64_t address);
void cc_trace_changed(struct cc_trace *trace, uint64_t ops, uint64_t address, const void *content,
		      size_t length);
void cc_trace_file(struct cc_trace *trace, const char *path, const void *content, size_t length);
/* `package`: the one that holds the object, with its version, or "". */
void cc_trace_module(struct cc_trace *trace, const char *path, const char *build_id, uint64_t base,
		     const char *package);
void cc_trace_output(struct cc_trace *trace, unsigned stream, const void *data, size_t length);
void cc_trace_thread(struct cc_trace *trace, unsigned id);
void cc_trace_drop(struct cc_trace *trace, uint64_t ops);
void cc_trace_take(struct cc_trace *trace);
void cc_trace_create_thread(struct cc_trace *trace, uint64_t pointer);
void cc_trace_begin_thread(struct cc_trace *trace);
struct cc_switch {
	enum cc_switch_place place;
	uint64_t calls, ops, address, times;
};
/* Another thread goes on: where the thread stands that has run so far. */
void cc_trace_switch(struct cc_trace *trace, const struct cc_switch *at);
/* 0, or -1 on a malformed record */
int cc_read_switch(struct cc_cursor *cursor, struct cc_switch *at);
void cc_trace_heap(struct cc_trace *trace, uint64_t arena);
void cc_trace_leave(struct cc_trace *trace);
/* `running`: the recording ended before the process did. */
void cc_trace_end(struct cc_trace *trace, int status, uint64_t ops, int running);

uint64_t cc_trace_calls(const struct cc_trace *trace); /* CALL records so far */

/* ---- reading: the same records taken apart ---- */

/* Each returns 0, or -1 on a malformed record. Strings are NUL-terminated copies in `arena`. */
struct cc_arena; /* memory given back at once */
struct cc_arena *cc_arena_new(void);
void cc_arena_free(struct cc_arena *arena);

/* START; *start points into `arena`. */
int cc_read_start(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_arena *arena,
		  struct cc_start *start);

/* The head of a CALL record, up to its in-items; then its tail, up to the out-items. */
struct cc_call_head {
	uint64_t call, frame;
	unsigned depth, flags;
};
/* Fills in *head; the cursor is at the in-items then. */
int cc_read_call_head(struct cc_cursor *cursor, struct cc_call_head *head);

struct cc_call_tail {
	int64_t ret;
	int error;	    /* errno after the call, or -1: unchanged */
	size_t alloc_count; /* then as many cc_read_alloc */
};
/* Fills in *tail; the cursor is at the allocations then. */
int cc_read_call_tail(struct cc_cursor *cursor, struct cc_call_tail *tail);
/* The next of tail.alloc_count allocations. */
int cc_read_alloc(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_alloc *alloc);
/* Passes over so many of them. */
int cc_skip_allocs(struct cc_log_reader *reader, struct cc_cursor *cursor, size_t count);
/* `details` may be NULL; they are all zeros where the log has none. */
int cc_read_signal(struct cc_cursor *cursor, struct cc_signal *signal,
		   struct cc_signal_details *details);
int cc_read_value(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_value *value);

/* The interned definitions met so far: every record is fed to cc_definitions_feed. */
struct cc_definition {
	const char *name, *spec; /* of a call */
};
struct cc_definitions;
/* None yet; ends the program when there is no memory. */
struct cc_definitions *cc_definitions_new(void);
/* Frees them and their texts. */
void cc_definitions_free(struct cc_definitions *definitions);
/* 1: the record was a definition and is consumed; 0: something else; -1: malformed. */
int cc_definitions_feed(struct cc_definitions *definitions, struct cc_log_reader *reader,
			struct cc_record *record);
/* NULL when the id is not defined. Valid until free. */
const char *cc_definitions_string(const struct cc_definitions *definitions, uint64_t id);
const struct cc_definition *cc_definitions_call(const struct cc_definitions *definitions,
						uint64_t id);
const struct cc_frame *cc_definitions_frame(const struct cc_definitions *definitions, uint64_t id);

#endif
