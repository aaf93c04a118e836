/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replay: what it holds, and its parts, which are
 *
 *   log.c     the log, read one event ahead
 *   serve.c   host calls, answered from it
 *   due.c     what happens between host calls: signals, switches of threads, the end
 *   output.c  what the run wrote to its standard output and error
 *   end.c     how it ends
 *
 * All of it is in our own context, but for what says otherwise.
 */
#ifndef CC_REPLAY_H
#define CC_REPLAY_H

#include "core/replay/preload.h"
#include "logs/event.h"

#pragma GCC visibility push(hidden)

struct cc_replay_log {
	struct cc_log_reader *reader;
	struct cc_definitions *definitions;
	struct cc_record next;	/* the event that is due; its cursor moves as it is read */
	struct cc_record whole; /* the same, as it came: for reports */
	unsigned thread;	/* the thread that the event belongs to */
	int have_next;		/* 0 at the end of a log that was cut */
	const struct cc_hostcall **calls; /* rows by call id of the log */
	uint64_t call_count;
	int of_machine;	 /* recorded in one, not without */
	int tells_opens; /* those that the C library makes itself, too */
};

/* Mappings that were met in the log; those before `first` have been asked for. */
struct cc_replay_mappings {
	struct cc_recorded_mapping {
		unsigned syscall, thread;
		uint64_t length, address;
	} * list;
	size_t first, count;
};

struct cc_replay_due {
	int64_t ops;	    /* the next event is due after so many since the last call; CC_NEVER */
	int in_op;	    /* and only once a run loop that ends there is over */
	uint64_t loops;	    /* and so many run loops have begun */
	int between;	    /* in a handler that came between two host calls */
	void *handlers[65]; /* the program's, by signal */
};

struct cc_replay_output {
	int shows_own;	/* --show-output */
	char *names[2]; /* where the process's own stdout and stderr went, when not to the run's */
	uint8_t unshown[2]; /* something went there */
};

struct cc_replay {
	struct cc_interpreter interpreter;
	struct cc_frame_text frame; /* the op frame of the host call that is being served */
	struct cc_replay_log log;
	struct cc_replay_mappings mappings;
	struct cc_replay_due due;
	struct cc_replay_output output;
	unsigned depth; /* of host calls being served: handlers nest */
};
extern struct cc_replay cc_replay;

/*
 * `ahead`: the launcher's descriptor (logs/ahead.h), or -1. `shows_own`:
 * --show-output. *stack: where argc stood in the run (stack.h). 0, or a CC_E… with *error.
 */
int cc_replay_begin(const char *path, int ahead, int shows_own, uint64_t *stack,
		    struct cc_error *error);

/* ---- log.c ---- */

/* Takes up the next record that is an event; records that are none take effect on the way. */
void cc_replay_advance(void);
/* The log's next record is no `what`: ends with 125. */
void cc_replay_malformed(const char *what) __attribute__((noreturn));
/* Is the next record of this type? 1 or 0. */
static inline int cc_replay_is(unsigned type)
{
	return cc_replay.log.have_next && cc_replay.log.next.type == type;
}

/* Id of the thread that the next record belongs to. */
static inline unsigned cc_replay_thread(void)
{
	return cc_replay.log.thread;
}

/* Is the next record a SWITCH of the running thread? 1, and *at is filled in; or 0. */
int cc_replay_switch(struct cc_switch *at);
uint64_t cc_replay_pointer(void);  /* the new thread's, of the CREATE that is next */
uint64_t cc_replay_position(void); /* goes up with each record */
/* What the END record says that is next. */
struct cc_end {
	int status;  /* of the process; negative: minus the signal that ended it */
	int running; /* the recording ended before the process */
	int64_t ops; /* since the last call */
};
struct cc_end cc_replay_read_end(void);
void cc_replay_fill(struct cc_record *record); /* MEMORY, or CHANGED behind its count of ops */
struct cc_log_reader *cc_replay_reader(void);  /* of the slice that is replayed; borrowed */
void cc_replay_copied(void);		       /* in a forked copy, before it goes on */
/*
 * The recorded address of the next mapping of this length, an error of the kernel's if it refused,
 * 0 when there is none. Of calls that work on memory that is there, refusals only, by that memory's
 * address.
 */
uint64_t cc_replay_mapping(unsigned syscall, uint64_t length);
/* How much memory shmat mapped there; 0: the log does not say */
uint64_t cc_replay_attached(uint64_t address);
/* Does the log have the mappings that the kernel refused? That of a machine does. */
int cc_replay_knows_refusals(void);
int cc_replay_knows_opens(void); /* ... and each file that the C library opened by itself? */
/* Is such a refusal in the log before the next event? */
int cc_replay_refuses(void);

/* ---- serve.c ---- */

cc_host_function cc_replay_serve;   /* from the program's context */
void cc_replay_compare_value(void); /* a valued op has its result; from the program's context */
void cc_replay_frame(struct cc_frame_text *frame); /* the op frame now */
/* The program asks for `what`, and the log's next record is something else. */
void cc_replay_diverges(const char *what) __attribute__((noreturn));
/*
 * The running thread takes its turn, and host calls nest one deeper; if an INSIDE record is next,
 * its allocations are made again, and it is consumed.
 */
void cc_replay_inside(void);
/* Changes the depth of host calls by this, around functions of the program that one of them calls.
 */
void cc_replay_nest(int by);
/*
 * Sets the depth of host calls, and whether a handler between two of them runs, in one number that
 * only this makes (0: neither); returns what it was.
 */
unsigned cc_replay_depth(unsigned depth);

/* ---- due.c ---- */

/* The next event is another, or another thread runs: from now on ops are counted for it. */
void cc_replay_arm(void);
/* What stands next in the log happens here, if it is due after so many ops since the last call. */
void cc_replay_dispatch(int64_t ops, int loop_ends);
void cc_replay_dispatch_now(void); /* what is due now, in the middle of an op */
void cc_replay_due(int loop_ends); /* called by the run loop, in the program's context: cc_op_due */
/* Delivers the next record's signal. `between`: it did not come inside a host call. */
void cc_replay_deliver(int between);
/*
 * In the call that was served the C library may have sent a signal to the program: the handler runs
 * now, if the log says so.
 */
void cc_replay_raised(void);
/* A call with CC_EFFECT_HANDLER has been served. */
void cc_replay_note_handler(const struct cc_hostcall *call, const uint64_t *args);
/*
 * Consumes a HEAP record: who takes a heap before cc_arenas_taken gets the arena that the record
 * names, if it names one.
 */
void cc_replay_take_heap(void);
void cc_replay_take(void); /* consumes a TAKE record */
void cc_replay_pass(void); /* consumes a DROP, CREATE, BEGIN, LEAVE or SWITCH record */

/* ---- output.c ---- */

/*
 * Writes what the run wrote to this stream (CC_STREAM_…). What went into a pipe or a file of the
 * process's own is written when that is asked for, and else told of at the end.
 */
void cc_replay_write(unsigned stream, const uint8_t *data, size_t length);
/* The call wrote `ret` bytes to the streams that its record's flags name. */
void cc_replay_output(const struct cc_hostcall *call, unsigned flags, const uint64_t *args,
		      int64_t ret);
void cc_replay_report_unshown(void); /* where output went that is not the run's; in one line */

/* ---- end.c ---- */

void cc_replay_finish(void) __attribute__((noreturn)); /* as the END record says that is next */
void cc_replay_killed(void); /* ends the replay by the signal that killed the run, if one did */
/* The program ends with this status: 125 if the run did not. */
void cc_replay_end(int status) __attribute__((noreturn));
void cc_replay_wind_up(int status) __attribute__((noreturn)); /* main() returned */
/*
 * The program faults, and has no handler for that, or blocks the signal: does not return if the run
 * ended by that.
 */
void cc_replay_faults(int signal);

#pragma GCC visibility pop

#endif
