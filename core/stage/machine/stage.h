/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM replay stage: inside QEMU, while it replays a machine. Follows the guest's processes,
 * finds interpreters among them, and logs their host calls.
 *
 *   guest.c     registers and memory of the guest
 *   memory.c    its memory, the fast way
 *   task.c      the guest's threads, by task_struct; exec, fork, exit; descriptors
 *   objects.c   the ELF files of the guest: which code is a PLT stub, a run loop, malloc
 *   image.c     an interpreter in a process, and its trace
 *   image-report.c  what is told of it in the end
 *   slice-name.c  what its slice is called
 *   boundary.c  host calls: entry and return
 *   allocs.c    what the C library allocates inside them
 *   callbacks.c functions of the program's that the C library calls
 *   records.c   a host call that is over becomes a record
 *   locks.c     calls of locks and the like, and the interpreter's lock
 *   identity.c  who a process is: user, groups, session, limits
 *   heaps.c     which heap a thread took
 *   switches.c  where the guest went from one thread to another
 *   blocks.c    how often a thread was at an instruction
 *   unwind.c    what a thread does in pthread_exit
 *   signals.c   signal handlers, and the calls that they make
 *   mappings.c  files that are mapped, as their pages are touched
 *   files.c     which file a descriptor is, and what is in it
 *   outputs.c   which writes reach the run's outputs
 *   syscalls.c  system calls: the check that each lies inside a host call, and what they tell
 *   inner.c     those of the C library's own, whose answers are logged
 *   instructions.c  instructions that bring something in: CPUID, RDTSC and their like
 *   plugin.c    translation: which code gets which callback
 */
#ifndef CC_STAGE_H
#define CC_STAGE_H

#include <jansson.h>
#include <stdint.h>

#include "core/elf/elf.h"
#include "core/host/inner.h"
#include "core/host/instruction.h"
#include "core/runtime/language.h"
#include "core/runtime/runtime.h"
#include "core/stage/kernel.h"
#include "logs/trace.h"

/* ---- guest.c ---- */

enum cc_register {
	R_RAX,
	R_RBX,
	R_RCX,
	R_RDX,
	R_RSI,
	R_RDI,
	R_RBP,
	R_RSP,
	R_R8,
	R_R9,
	R_R10,
	R_R11,
	R_R12,
	R_R13,
	R_R14,
	R_R15,
	R_RIP,
	R_FS_BASE,
	R_K_GS_BASE,
	R_CR3,
	R_ST0,
	R_ST1,
	R_XMM0,
	R_COUNT = R_XMM0 + 8,
};
void guest_init_registers(void);		    /* in a vcpu callback */
uint64_t guest_register(enum cc_register name);	    /* of a vector register the lower half */
struct cc_float guest_float(enum cc_register name); /* R_ST0, R_ST1 */
/* As a variadic function is entered: what it gets in vector registers. */
void guest_vectors(uint64_t vectors[8]);
int guest_read(uint64_t address, void *data, size_t length); /* 0, or -1: not mapped (yet) */
uint64_t guest_pointer(uint64_t address);		     /* the 8 bytes there; 0: not mapped */
/* What the kernel's struct xarray at that address holds for an index; 0: nothing. */
uint64_t guest_tree_entry(uint64_t tree, uint64_t index);
extern const struct cc_memory guest_memory;
/* A NUL-terminated string of up to size - 1 bytes, malloc'ed; NULL when unreadable. */
char *guest_string(uint64_t address, size_t size);
/* A NULL-terminated vector of strings; *count without the NULL. NULL when unreadable. */
char **guest_strings(uint64_t address, size_t *count);

/* ---- memory.c ---- */

uint64_t memory_frame(uint64_t address); /* the number of the physical page there; 0: not known */
/*
 * As guest_read, by walking the page tables in place. 1: read; 0: nothing is mapped there; -1: this
 * way does not work here, take QEMU's.
 */
int memory_read_directly(uint64_t address, void *data, size_t length);
void memory_switch(uint64_t cr3); /* the guest loads another address space */

/* ---- scores: what inline conditions look at ---- */

enum cc_score {
	SCORE_ARMED,   /* page offset of the return address awaited, or NOT_ARMED */
	SCORE_INNER,   /* 1 while the C library is at work in a host call */
	SCORE_VALUE,   /* 1 while a valued op has yet to complete, or a signal to be handled */
	SCORE_OPS,     /* ops completed since the score was last taken */
	SCORE_LOOPS,   /* run loops entered since an op has completed, or the score was taken */
	SCORE_LOCKS,   /* 1 while the interpreter has threads, and its lock is watched */
	SCORE_MAPPED,  /* 1 while the process that runs has files mapped */
	SCORE_BLOCKS,  /* 1 while a thread runs whose blocks of code are counted (blocks.c) */
	SCORE_AWAITED, /* returns of system calls that tell something, and children to show up */
	SCORE_COUNT,
};
#define NOT_ARMED UINT64_MAX
/* The value of processor 0's score: the guest has one processor. */
uint64_t score_get(enum cc_score score);
/* Sets the score; conditions see it from the next callback on, in the same block too. */
void score_set(enum cc_score score, uint64_t value);

/* ---- objects.c ---- */

/* What stands at a place of an object's code */
enum cc_place_kind {
	PLACE_STUB,
	PLACE_ALLOC,
	PLACE_WATCH,
	PLACE_LOADER,	    /* the dynamic linker's entry */
	PLACE_ENTRY,	    /* a function of the C library */
	PLACE_INITIALIZER,  /* a constructor or destructor of an object */
	PLACE_THREAD,	    /* a stub of pthread_mutex_lock, pthread_exit and the like */
	PLACE_THREAD_ENTRY, /* that function itself */
};
struct cc_task;
struct cc_place {
	uint64_t address; /* as linked */
	uint8_t kind;
	uint8_t detail;			/* enum cc_alloc_kind, or enum cc_watch_kind */
	const struct cc_hostcall *call; /* PLACE_STUB */
	/* PLACE_STUB without a row: a function of the C library all the same */
	const char *unknown;
};
struct cc_object {
	char *path; /* in the guest */
	char build_id[129];
	uint64_t entry;
	const struct cc_runtime *runtime;	 /* the interpreter in the object, or NULL, */
	const struct cc_runtime_places *watched; /* and the interpreter's places that are watched */
	struct cc_error refusal;		 /* why the interpreter is not understood */
	uint64_t symbols[CC_SYMBOLS_MAX];
	uint64_t errno_slot; /* libc's: see cc_elf_tpoff_slot */
	int64_t errno_delta;
	int is_libc, is_loader, is_unwinder;
	int inside;    /* a part of the C library: what its code calls there is no host call */
	int made;      /* by the run: no file from before it */
	char *package; /* NULL: not looked for yet */
	struct cc_place *places;
	size_t place_count;
	struct cc_elf *elf;
};
/*
 * Index: lines of kind (E: ELF object, L: symbolic link), guest path, host path or target; tabs
 * between. An ELF object may stand within its file: at an offset, with a size, behind further tabs.
 * 0, or -1 with a message in `error`.
 */
int objects_load(const char *index, struct cc_error *error);
/* A guest path without symbolic links; valid until the next call. */
const char *real_path(const char *path);
/*
 * The object that a process has mapped from a descriptor, which it opened by this path. An object
 * that the run made is read out of the guest here. NULL: the file is no object.
 */
const struct cc_object *object_mapped(const struct cc_task *task, uint64_t descriptor,
				      const char *path);
/*
 * The package of this machine that holds this very build of the object, with the package's version;
 * "": no package is known to hold it.
 */
const char *object_package(const struct cc_object *object);
/* The dynamic linker whose entry point a process has at this address; NULL: there is none. */
const struct cc_object *object_of_loader(uint64_t entry);
/* The interpreter whose entry point is at this address in a process; *bias is its load bias. */
const struct cc_object *object_by_entry(uint64_t entry, uint64_t *bias);
#define PLACE_BYTES 32
/*
 * May code that begins with these bytes at this page offset be a place of any object? A mask of
 * 1 << enum cc_place_kind; for watches also 1 << (8 + enum cc_watch_kind).
 */
unsigned objects_mask(uint64_t page_offset, const uint8_t bytes[PLACE_BYTES]);
const struct cc_place *object_place(const struct cc_object *object, uint64_t address, uint8_t kind);
/*
 * Watch code from now on, by its bytes. 0; or 1 if QEMU has translated it before, and so calls
 * nobody.
 */
int objects_watch(uint64_t page_offset, const uint8_t bytes[PLACE_BYTES], enum cc_watch_kind kind);

/* ---- task.c ---- */

struct cc_map {
	const struct cc_object *object;
	uint64_t bias;
};

/* identity.c */
#define CC_IDENTITY_GROUPS 64
#define CC_IDENTITY_LIMITS 16
struct cc_identity {
	uint32_t group, session;
	uint32_t uids[3], gids[3]; /* real, effective, saved */
	uint32_t groups[CC_IDENTITY_GROUPS];
	unsigned group_count;
	uint32_t mask;				/* umask */
	uint64_t limits[CC_IDENTITY_LIMITS][2]; /* soft, hard: as far as they were set */
	unsigned limits_known;			/* bits */
};

/* An open file, as the guest's kernel knows it. */
struct cc_file {
	/* Where its struct inode stands (0: there is none), and i_ino: memory is used again */
	uint64_t inode, number;
};

struct cc_task {
	struct cc_task *next; /* in its hash bucket */
	uint64_t address;     /* of its task_struct */
	uint32_t pid, parent;
	struct cc_task *leader; /* of its process; itself when it leads that */
	int exiting;		/* of a leader: the process ends with all its threads */
	unsigned serial;	/* of the process, in order of appearance */
	int command;		/* the process is, or descends from, the recorded command */

	/* since its last exec */
	char **argv, **envp;
	size_t argc;
	char *executable;
	uint64_t entry, brk, stack; /* stack: where argc stood */
	struct cc_map *maps;
	size_t map_count;
	char **paths; /* by descriptor: what open gave */
	size_t path_count;
	char *directory;
	struct cc_identity identity;
	struct cc_file own[2]; /* what its descriptors 1 and 2 were */

	/* the system call that the task is in */
	uint64_t syscall, syscall_args[6];
	int in_syscall;
	int inner; /* the call is the C library's own, and its answer is to be logged */
	/* Of a leader: a bit for each descriptor on which the C library reads a carried file */
	uint64_t data[CC_INNER_DESCRIPTORS / 64];
	uint8_t stream; /* of a call that writes: where to, enum cc_stream, or CC_STREAM_NONE */
	/* Of a call that moves bytes to the run's output: how many had gone there before it. */
	uint64_t written;
	int fresh; /* the task was not seen before: it may return from the clone that made it */
	unsigned forks; /* children that have not shown up yet */
	/* The children that have not shown up yet: what each will be. */
	struct {
		struct cc_image *image;
		uint32_t pid; /* 0: the task is in clone still */
	} embryos[64];
	unsigned embryo_count;

	int exited, status;
	int exec_count;
	uint64_t began, ended;	/* task_clock: of its last program, or as a copy; of the process */
	struct cc_image *image; /* the interpreter in the process that is being sliced */
};

/* The address that a process's code means by a data symbol of the C library, or 0. */
uint64_t task_symbol(const struct cc_task *task, const char *name);
/* What the mapped object's file holds at this address, or NULL. */
const uint8_t *task_file_bytes(const struct cc_task *task, uint64_t address, size_t length);
const struct cc_map *task_map_of(const struct cc_task *task, uint64_t address);
struct cc_task *task_current(void); /* made when unknown */
/*
 * The guest's clock in nanoseconds, as its scheduler looked at it last: when the current task got
 * the processor, or at a tick since.
 */
uint64_t task_clock(void);
/* A time of that clock, in seconds since the run began. */
json_t *task_seconds(uint64_t time);
struct cc_task *task_fork(struct cc_task *parent); /* the current task is its new child */
void task_exec(struct cc_task *task);
void task_exit(struct cc_task *task, int code);
void task_loaded(struct cc_task *task); /* all objects are mapped: is one an interpreter? */
/* The process that made the current one, or NULL. */
struct cc_task *task_parent(void);
void task_set_path(struct cc_task *task, uint64_t descriptor, char *path);
/* An object is mapped at its beginning, from a descriptor. */
void task_map(struct cc_task *task, uint64_t descriptor, uint64_t base);
json_t *task_strings(char **strings, size_t count);
json_t *task_report(void); /* the processes of the run */

struct cc_task *task_by_pid(uint32_t pid); /* a process that runs, or NULL */

/* ---- identity.c ---- */

int identity_changes(uint64_t number); /* does this system call change one, if it succeeds? */
/*
 * That system call has succeeded with these arguments: the identity follows, of the task, or of the
 * process that setpgid(2) names.
 */
void identity_changed(struct cc_task *task, uint64_t number, const uint64_t *args);
/* For the slice's manifest ("identity"): a new reference. */
json_t *identity_json(const struct cc_identity *identity);

/* ---- image.c ---- */

#define PENDING_MAX 64
/* A call that a thread has entered, and that has not returned yet. */
struct cc_pending {
	/* NULL: an allocation, a callback, the program run again, or a call of CC_THREAD. */
	const struct cc_hostcall *call;
	uint8_t alloc_kind;
	/* A function of the program that the C library has called inside a host call. */
	uint8_t is_callback;
	/*
	 * The program runs again: a constructor within dlopen, a destructor within dlclose, the
	 * function of pthread_once.
	 */
	uint8_t outside;
	uint8_t lock; /* a call of CC_THREAD: its effect; 0: anything else */
	uint8_t told; /* the call has an INSIDE record in the log */
	/*
	 * Of pthread_once(3): the program's function has run. Of a barrier: the last thread has
	 * woken the others.
	 */
	uint8_t done;
	uint64_t args[CC_MAXARGS];
	uint32_t before[CC_MAXARGS];
	uint64_t rsp, return_address;
	uint64_t vectors[8]; /* arguments of a variadic call in vector registers */
	int errno_before;
	uint64_t frame;
	unsigned flags;
	int takes_heap; /* the thread takes its heap by this allocation or free */
	int not_logged; /* this allocation is not logged with a call: only the heap counts */
	int encoded;
	size_t first_alloc;
	struct cc_buffer in_items;
	uint64_t op_address;
	int valued;
};

/*
 * Instructions whose results are logged: those that bring something in (RDTSC, CPUID, RDRAND, …),
 * and those of x87 that differ from processor to processor (core/host/instruction.h).
 */
struct cc_executing {
	uint64_t at; /* address of the instruction that the thread executes now, or 0 */
	struct cc_instruction instruction;
	struct cc_executed executed;
	/* The executions since the thread's last record, and how many they are. */
	struct cc_buffer content;
	uint64_t count;
	struct cc_executed_before before;
};
struct cc_known_instruction {
	/* The object whose file holds these bytes there; NULL: none does. */
	const struct cc_object *object;
	uint64_t address; /* as linked */
	uint8_t code[CC_INSTRUCTION_MAX], length;
	uint8_t faults;
};

/* Where a thread stands, counted in steps that a replay can count too (switches.c). */
struct cc_stand {
	/*
	 * Since there are threads: calls of CC_THREAD that have returned, and functions of
	 * pthread_once that have begun; those for the interpreter's lock aside.
	 */
	uint64_t calls;
	uint64_t steps; /* goes up with each step of the thread that the stage sees */
	uint64_t came;	/* `steps` when the guest last switched to the thread */
	/* `at.calls` of the thread's last SWITCH record that counts calls (all but CC_PLACE_IN). */
	uint64_t told;
	uint64_t recorded_calls, recorded_ops; /* counts as of the thread's last record */
	/*
	 * The thread has released the interpreter's lock, and entered no call since but to ask for
	 * that lock again.
	 */
	int dropped;
	/*
	 * The guest has switched away from the thread at `at`, and no SWITCH record says so yet:
	 * which of such threads it is, in order; 0: none.
	 */
	unsigned away;
	struct cc_switch at;
	struct cc_blocks *blocks; /* blocks.c */
	/*
	 * An instruction that has run more often than this since counting began is no place. Set
	 * anew by each SWITCH record of the thread.
	 */
	int64_t times_max;
};

/* A thread of an interpreter's process, and the calls that it is in. */
struct cc_thread {
	unsigned id; /* in order of creation; 0 is the first */
	uint64_t pointer,
		errno_address; /* pointer: the FS base, which tells the thread that runs */
	struct cc_pending pending[PENDING_MAX];
	unsigned depth; /* calls in `pending` */
	/* Signal handlers, and functions that the C library has called, entered and not left. */
	unsigned handlers;
	uint64_t handler_rsp[16];
	unsigned handler_depth[16]; /* `depth` when entered */
	uint8_t handling[16];	    /* enum cc_handling */
	uint64_t ops;		    /* ops completed since the thread's last CALL or TAKE record */
	uint64_t loops;		    /* run loops entered since the last of these ops */
	struct {
		uint64_t ops; /* 1 + `ops` of the thread then; 0: not since its last CALL record */
		int in_op;
	} dispatch; /* the last time that the interpreter looked for signals */
	uint64_t value_op;
	struct cc_alloc *allocs;
	size_t alloc_count, alloc_capacity;
	/* RSP at the stub of a CC_THREAD function, whose entry comes next: it is one call. */
	uint64_t stub_rsp;
	/* The thread's hold on the interpreter's lock, from the first pthread_create on. */
	enum { LOCK_HELD, LOCK_DROPPED, LOCK_TAKING } lock;
	struct cc_frame_text kept; /* the op frame while the thread does not hold that lock */
	int begun, left; /* it has made its first step; LEAVE is written, or waits (`leaves`) */
	int took;	 /* it has a TAKE record; thread 0 holds the lock without one at first */
	uint64_t task;	 /* address of its task_struct */
	struct cc_stand stand; /* switches.c */
	int heapless;	       /* the thread has not taken memory from a heap yet */
	int takes;	/* it takes its first memory now; the HEAP record is not written yet */
	uint64_t makes; /* the C library makes a new heap for it, which begins here */
	int leaves; /* its LEAVE record waits: others are about to take heaps, maybe this one's */
	uint64_t heap; /* the arena of malloc that it took; 1: the first thread's; 0: not known */
	/*
	 * Who has called pthread_exit: the interpreter, which is at its end and gives no thread its
	 * lock any more; or the thread's own code.
	 */
	enum { EXITS_NOT, EXITS_REFUSED, EXITS_ITSELF } exits;
	struct cc_executing executing;
	struct cc_thread *next;
};

/* Has the thread called pthread_exit, and not left yet? */
static inline int thread_unwinds(const struct cc_thread *thread)
{
	return thread->exits && !thread->left;
}

#define LATE_MAX 16

struct cc_late_call;
/* A signal that an interpreter's C handler has noted, and whose program's handler has not run yet.
 */
struct cc_arrival {
	unsigned signal;
	uint64_t handler;	    /* address of the signal's handler */
	unsigned thread;	    /* id of the thread that entered the handler */
	int open;		    /* the handler has not returned */
	struct cc_late_call *calls; /* host calls that the handler has made */
	struct cc_signal_details details;
};

/* A file that the trace has: the C library read it, or it is an object that was loaded. */
struct cc_carried {
	char *name;	   /* as it was opened */
	uint64_t checksum; /* of what it held then */
};

/* An interpreter in a process of the guest, and its trace. */
struct cc_image {
	struct cc_task *task;
	struct cc_identity identity; /* the process's, as the program began */
	const struct cc_runtime *runtime;
	const struct cc_object *object;
	uint64_t at[CC_SYMBOLS_MAX];
	uint64_t cr3;
	struct cc_thread *thread, *threads; /* the running thread; all of them */
	unsigned thread_count;		    /* threads that there have been */
	unsigned spoke;			    /* the thread that the last record belongs to */
	/*
	 * Threads that never had the interpreter's lock. They may share memory with the thread that
	 * has it.
	 */
	unsigned natives;
	/* How many threads have their stand.away set; the last number that was given to one. */
	unsigned away, last_away;
	/* SWITCH records with an address, and how often a replay passes by these addresses in all.
	 */
	uint64_t amidst, passes;
	unsigned taking; /* threads that are about to take their heap */
	struct cc_trace *trace;
	char *path;		 /* the file of the trace */
	char *name;		 /* the slice's file name in a directory of all slices of the run */
	int is_base;		 /* slices of children refer to this one */
	struct cc_carried *data; /* files that the trace has already */
	size_t data_count;
	int started, ended;
	int winds_up;	/* the process is in exit(3): atexit's functions and destructors run */
	unsigned forks; /* forks between the exec'ed process and this one */
	uint64_t began; /* the program, or the copy: task_clock */
	struct cc_arrival arrived[64]; /* signals waiting for the interpreter to dispatch them */
	unsigned arrived_count;
	uint64_t detailed; /* a bit for each signal whose handler has SA_SIGINFO */
	/* Functions that QEMU translated before they were watched (boundary_late). */
	struct {
		uint64_t address;
		enum cc_watch_kind kind;
	} late[LATE_MAX];
	unsigned late_count;
	/*
	 * The C library's thread_arena stands so far below a thread's FS base (heaps.c); 0: not
	 * known yet.
	 */
	uint64_t arena_slot;
	struct cc_mapping *mappings; /* mappings of files */
	int mapped_written;	     /* a call is being made that may write mapped files */
	void *mapped_frames;	     /* tsearch(3) tree of the physical pages of mapped files */
	int frames_unknown;	     /* mapped_frames is to be made: a forked copy begins to run */
	int mapped_moved;	     /* a mapping has moved, which is not logged yet */
	int mapped_changed;	     /* the outside has changed pages, which are not logged yet */
	struct cc_known_instruction *instructions; /* those with an INSTRUCTION record */
	size_t instruction_count;
	struct cc_frame_text frame;
	struct cc_error error; /* why the process cannot be sliced */
	struct cc_image *next;
};

/*
 * An interpreter begins in this task, its object loaded with this bias. It gets a trace if a slice
 * of it is asked for; what goes wrong is in its error.
 */
struct cc_image *image_new(struct cc_task *task, const struct cc_object *object, uint64_t bias);
/* A fork: the copy is made when the parent asks for it, and the child takes it when it shows up. */
struct cc_image *image_copy(struct cc_image *image);
void image_adopt(struct cc_image *copy, struct cc_task *child);
void image_discard(struct cc_image *copy);
void image_end(struct cc_image *image, int status);
void image_fail(struct cc_image *image, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void image_start(struct cc_image *image);
void image_arm(struct cc_image *image); /* scores after a change of its pending calls */
struct cc_image *image_current(void);	/* of the task that runs, or NULL */
struct cc_image *image_running(void);	/* of the address space that is loaded, or NULL: cheaper */
void image_leave(uint64_t cr3);
void image_switch(uint64_t cr3);
/* The process has a new thread, whose FS base will be `pointer`. */
void image_add_thread(struct cc_image *image, uint64_t pointer);
/* Before there is a second thread: notes whether the first has the interpreter's lock. */
void image_note_lock(struct cc_image *image);
void image_remove_thread(struct cc_image *image); /* the kernel refused to make it */
void image_switch_thread(uint64_t pointer);	  /* the kernel loads this FS base */
/* The trace, with what is written next being the running thread's. */
struct cc_trace *image_trace(struct cc_image *image);
/* The same for a record that is no step of the thread: what is due before such a step waits. */
struct cc_trace *image_trace_aside(struct cc_image *image);
uint64_t image_frame(struct cc_image *image);  /* the op frame now; its id */
void image_keep_frame(struct cc_image *image); /* the thread gives the interpreter's lock up */
int image_counts_blocks(const struct cc_image *image);
void image_take_ops(struct cc_image *image); /* SCORE_OPS and SCORE_LOOPS into the thread's */
json_t *images_report(void);		     /* ends those that still run */
/*
 * Take a file along in the slice that the process has opened by `name`, which is `path` when
 * absolute: a locale, messages, code. 1: it goes along; 0: it is none that is stored; -1 with the
 * reason in `error`.
 */
int image_carry(struct cc_image *image, const struct cc_task *task, uint64_t descriptor,
		const char *name, const char *path, struct cc_error *error);
int image_busy(const struct cc_image *image); /* in a host call, no handler above it */

/* ---- image-report.c ---- */

/* The image ends, or, if it runs on, the recording. `calls`: how many its slice has. */
void image_report(const struct cc_image *image, int status, int runs_on, uint64_t calls);
json_t *images_reported(void); /* an array of all so far; a new reference */

/* ---- slice-name.c ---- */

/* The file name of a process's slice; malloc'ed, and never given twice. */
char *slice_name(const struct cc_task *task, const char *kind);

/* ---- heaps.c ---- */

/*
 * The running thread begins to allocate, or to free or reallocate the memory `old` (0: none). 1 if
 * that is when the thread takes its heap.
 */
int heap_wanted(struct cc_image *image, uint64_t old);
/* The running thread has called mmap with these arguments, which gave `address`. */
void heap_mapped(struct cc_image *image, const uint64_t *args, uint64_t address);
/* The call by which the running thread takes its heap gave this memory; 0: it was a free. */
void heap_taken(struct cc_image *image, uint64_t memory);
void heap_left(struct cc_image *image); /* the running thread is over */
/* LEAVE records wait no longer: a stack may be taken over */
void heaps_settle(struct cc_image *image);

/* ---- switches.c ---- */

/* The guest goes on with another thread of its process */
void switches_left(struct cc_image *image);
void switches_emit(struct cc_image *image); /* before a record of the running thread */
/* Of all threads that were left, in the order in which the guest left them. */
void switches_emit_all(struct cc_image *image);
/* futex(2) is called: the last one at a barrier wakes the others */
void switches_futex(struct cc_image *image, uint64_t word, uint64_t operation);
/* How often a thread may have come by an instruction that is its next place. */
int64_t switches_times_max(const struct cc_image *image);

/* ---- blocks.c ---- */

/* A block of code runs; its last instruction is so many bytes behind its first one. */
void blocks_ran(unsigned vcpu, void *bytes);
void blocks_faulted(unsigned vcpu, void *data); /* the kernel's page fault handler is entered */
uint64_t blocks_fault_handler(void);		/* its address; 0: not known yet */
void blocks_begin(struct cc_thread *thread);	/* count from here on */
void blocks_place_emitted(struct cc_thread *thread); /* count from the place that was found last */
void blocks_free(struct cc_thread *thread);
uint64_t blocks_count(const struct cc_thread *thread); /* how many ran since then */
/*
 * Where a thread stands whose next instruction is this one: *address, where the thread has been
 * *times times since blocks_begin. When the instruction is in the C library, or was come by too
 * often, *address is an earlier place of the thread. 0: there is none.
 */
int blocks_place(const struct cc_image *image, const struct cc_thread *thread, uint64_t instruction,
		 uint64_t *address, uint64_t *times);

/* ---- boundary.c, allocs.c, callbacks.c, records.c, locks.c: see boundary.h ---- */

/* At a stub of the procedure linkage table: a host call is entered. */
void boundary_stub(unsigned vcpu, void *data);
/* At each entry of a function of the C library: a host call is entered, unless a stub led here. */
void boundary_entry(unsigned vcpu, void *data);
/* Behind a call instruction, when the address that is awaited may be there: a call is over. */
void boundary_return(unsigned vcpu, void *data);
/* At malloc and its like: told of where it is inside a host call, or takes a heap. */
void boundary_alloc(unsigned vcpu, void *data);
/* Where an op has completed: its value is told, or a signal that waited for it. */
void boundary_op_done(unsigned vcpu, void *data);
/* At a function of an extension that the C library may call. */
void boundary_callback(unsigned vcpu, void *data);
/* At a stub of a lock or of a thread's life. */
void boundary_thread(unsigned vcpu, void *data);
/* At each entry of such a function itself: as boundary_thread, unless a stub led here. */
void boundary_thread_entry(unsigned vcpu, void *data);
void boundary_block(struct cc_image *image, uint64_t address); /* where blocks are counted, each */
/*
 * At each block while image->late_count: if a function that had run before it was watched begins
 * here, does what its callback does.
 */
void boundary_late(struct cc_image *image, uint64_t address);
/* At a constructor or destructor of an object, within dlopen or dlclose. */
void boundary_initializer(unsigned vcpu, void *data);
/* Calls that will not return any more. */
void boundary_abandon(struct cc_image *image);
/* The same of calls that the running thread left by a jump or by unwinding: all but `depth`. */
void boundary_abandon_above(struct cc_image *image, unsigned depth);
void boundary_put(struct cc_image *image, struct cc_pending *pending, int returned, uint64_t rax);

/* ---- unwind.c ---- */

/* Is it the dynamic linker that allocates now, in the running thread's pthread_exit? */
int unwind_loads(const struct cc_image *image);
/*
 * Writes what the dynamic linker has allocated so, if anything: a record of its own, before the
 * thread's next one.
 */
void unwind_loaded(struct cc_image *image);
/* The running thread wakes who waits for this word by futex(2). */
void unwind_wakes(struct cc_image *image, uint64_t word);

/* ---- ipc.c ---- */

int64_t ipc_semaphores(uint32_t id);	/* of a set of System V's; -1: there is no such set */
uint64_t ipc_segment_size(uint32_t id); /* of shared memory, in bytes; 0: there is none */

/* ---- signals.c ---- */

/* Where a handler was entered, and when it is told of. */
enum cc_handling {
	/* In a host call, or by a fault: the handler's own calls are like any others */
	HANDLING_INSIDE,
	HANDLING_NOW, /* an extension's, between two host calls */
	/* The interpreter's, between two host calls: told when the program's handler runs */
	HANDLING_LATER,
};
/* At the interpreter's C handler of a signal. */
void boundary_handler(unsigned vcpu, void *data);
/* At the interpreter's handler of signals that are not deferred. */
void boundary_immediate(unsigned vcpu, void *data);
/* At an extension's own C handler of a signal. */
void boundary_foreign(unsigned vcpu, void *data);
/* Where the interpreter is about to run the program's handlers of signals. */
void boundary_dispatch(unsigned vcpu, void *data);
/* Where it is about to end the program: output that comes later is of what it runs now. */
void boundary_end(unsigned vcpu, void *data);
/* The innermost handler has returned. */
void boundary_handler_left(struct cc_image *image);
/*
 * Is a handler at work that came between two host calls? 1 or 0. And signals_kept: is that handler
 * one whose calls are told later?
 */
unsigned signals_between(const struct cc_thread *thread);
int signals_kept(const struct cc_thread *thread);
/* Keep a call that has returned, if it is told later. 0: it is not. */
int signals_keep(struct cc_image *image, const struct cc_pending *pending,
		 const struct cc_call_record *record);
/* Tell of signals that have been handled in the op which began so many ops after the last call. */
void signals_emit(struct cc_image *image, uint64_t op);
/* A call begins, which may block signals: those that have arrived are told of before it. */
void signals_blocked(struct cc_image *image, const struct cc_pending *pending);
void signals_copied(struct cc_image *copy);
void signals_free(struct cc_image *image);

/* ---- mappings.c ---- */

/* `args` are mmap's. */
void mappings_add(struct cc_image *image, uint64_t address, const uint64_t *args);
void mappings_drop(struct cc_image *image, uint64_t address, uint64_t length);
int mappings_loses(const struct cc_image *image, uint64_t address, int advice); /* madvise(2) */
/* mremap(2) with these arguments has given `address`. */
void mappings_move(struct cc_image *image, const uint64_t *args, uint64_t address);
/* shmdt(2): the mapping that begins at `address` goes, whole. */
void mappings_detach(struct cc_image *image, uint64_t address);
int mappings_hold(const struct cc_image *image, uint64_t address);
struct cc_mapping *mappings_copy(const struct cc_image *image);
void mappings_free(struct cc_image *image);
/* Before another process runs what the mapped pages hold is noted, and compared behind that. */
void mappings_leave(struct cc_image *image);
void mappings_enter(struct cc_image *image);
void mappings_syscall(struct cc_image *image, uint64_t number);
void mappings_called(struct cc_image *image);  /* behind the record of a call */
void mappings_look(unsigned vcpu, void *data); /* at the end of an interrupt or a fault */

/* ---- instructions.c ---- */

/*
 * Around an instruction that brings something in; `data` is the page offset of the instruction, and
 * of what is behind it.
 */
void instruction_begins(unsigned vcpu, void *data);
void instruction_over(unsigned vcpu, void *data);
/* An instruction that the processor does not know was executed at `address`, and faulted. */
void instruction_faulted(struct cc_image *image, uint64_t address);
/* What the running thread has executed since its last record */
void instructions_put(struct cc_image *image);
void instructions_ended(struct cc_image *image, int status); /* the process is over */
void instructions_copied(struct cc_image *copy);

/* ---- files.c ---- */

/* The file that a descriptor leads to; an inode of 0: the descriptor is not open. */
struct cc_file file_of(const struct cc_task *task, uint64_t descriptor);
/* The file's name in its directory, malloc'ed; "": it has no name (a pipe). */
char *file_name(const struct cc_task *task, unsigned descriptor);
/*
 * Append the content of a regular file, which the process has just opened by an absolute path. 1;
 * 0: it is none that is stored (a device, one of /proc); -1 with the reason in `error`, and
 * `content` holds a part of it.
 */
int file_content(const struct cc_task *task, uint64_t descriptor, const char *path,
		 struct cc_buffer *content, struct cc_error *error);

/* The first bytes of such a file, at most a page. 0, or -1: they are not in the guest's memory. */
int file_header(const struct cc_task *task, uint64_t descriptor, uint8_t *header, size_t length);

/* ---- outputs.c ---- */

/* The command is about to run: its descriptors are the run's. */
void outputs_begin(const struct cc_task *command);
/* Which of the run's outputs the file is, enum cc_stream; CC_STREAM_NONE: neither. */
uint8_t outputs_stream(const struct cc_file *file);
int outputs_is_stdin(const struct cc_file *file); /* of the run? 1 or 0 */
/* What a task's stdout or stderr is, for people, malloc'ed; "": an output of the run's. */
char *outputs_name(const struct cc_task *task, unsigned descriptor);
/* Init has read so many bytes from a descriptor. */
void outputs_carried(const struct cc_task *init, uint64_t descriptor, uint64_t bytes);
int outputs_writes(uint64_t number); /* is it a system call that may write? */
void outputs_enter(struct cc_task *task);
void outputs_wrote(struct cc_task *task, struct cc_image *image, uint64_t length);

/* ---- syscalls.c ---- */

/* At a syscall instruction. */
void syscall_enter(unsigned vcpu, void *data);
/* Behind a syscall instruction from which a return is awaited. */
void syscall_return(unsigned vcpu, void *data);
/* The task's call is not awaited any more: a handler of a signal runs before it returns. */
void syscall_over(struct cc_task *task);
void syscall_args(uint64_t args[6]); /* of the call that begins */

/* ---- inner.c ---- */

/* A system call outside of host calls that are served: is it the C library's own, and known? */
int inner_begins(const struct cc_image *image, struct cc_task *task, uint64_t number);
/*
 * Is it a call for memory, which is told of only if the kernel refuses it? 1 or 0. inner_refused:
 * the kernel has refused one.
 */
int inner_may_be_refused(uint64_t number);
void inner_grows(const struct cc_task *task, struct cc_image *image, int64_t result); /* brk */
void inner_refused(const struct cc_task *task, struct cc_image *image, int64_t result);
void inner_returns(struct cc_task *task, struct cc_image *image, int64_t result);

/* ---- plugin.c ---- */

struct stage_options {
	const struct cc_language *const *languages; /* NULL-terminated */
	char *objects;				    /* the index of ELF files */
	char *out;				    /* directory for slices and report.json */
	/* {"all": bool, "list": bool, "serials": [..], "exe": "..", "match": "..", "manifest":
	 * {..}}
	 */
	json_t *request;
	char *exe, *match; /* of the request */
	uint64_t current_task, do_exit;
	uint32_t task_pid, task_tgid, task_real_parent;
	struct cc_kernel_types kernel;
	int files;	   /* a socket: who has started QEMU gives the run's files there */
	char *recorded[3]; /* files with what the run wrote to stdout (1) and stderr (2) */
};
extern struct stage_options stage;
/* Is a slice of this process asked for? `forked`: it comes of a fork, not of an exec. */
int stage_wanted(const struct cc_task *task, int forked);
/* May children of forks be asked for, so that they have to be followed? */
int stage_wants_forks(void);
int stage_shares(void); /* slices of children refer to those of their parents */
int stage_keeps(void);	/* else slices are only measured, to tell what they would be */
/* Does code that ends here, after CALL_BYTES at least, end with a call? */
#define CALL_BYTES 7
/* `end` points behind the code. 1 or 0. */
int ends_with_call(const uint8_t *end);
/* A line on standard error for who runs cc-slice. It ends nothing by itself. */
void stage_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
