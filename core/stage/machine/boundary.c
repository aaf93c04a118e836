/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host calls in a guest: entered through a PLT stub of the interpreter or of its extension modules,
 * over when the return address is reached with the stack as it was. What the C library calls within
 * is not looked at, but for its allocations.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/stage/machine/stage.h"

#define KEEP_MAX (1u << 20)
#define ALLOCS_MAX (1u << 20)

/* ---- where is it ---- */

static const struct cc_place *place_at(const struct cc_image *image, uint64_t address, uint8_t kind)
{
	const struct cc_map *map = task_map_of(image->task, address);

	return map ? object_place(map->object, address - map->bias, kind) : NULL;
}

/* errno's address in the process: libc's thread-pointer offset stands in its GOT. */
static int read_errno(struct cc_image *image)
{
	int value = 0;

	for (size_t i = 0; !image->thread->errno_address && i < image->task->map_count; i++) {
		const struct cc_map *map = &image->task->maps[i];
		int64_t offset;

		if (map->object->is_libc &&
		    !guest_read(map->bias + map->object->errno_slot, &offset, 8))
			image->thread->errno_address =
				guest_register(R_FS_BASE) +
				(uint64_t)(offset + map->object->errno_delta);
	}
	guest_read(image->thread->errno_address, &value, sizeof(value));
	return value;
}

/* ---- entry ---- */

static void read_args(struct cc_pending *pending, unsigned count)
{
	static const uint8_t registers[] = {R_RDI, R_RSI, R_RDX, R_RCX, R_R8, R_R9};

	memset(pending->args, 0, sizeof(pending->args));
	for (unsigned i = 0; i < count && i < 6; i++)
		pending->args[i] = guest_register(registers[i]);
	if (count > 6)
		guest_read(pending->rsp + 8, &pending->args[6], 8 * (count - 6));
}

/* With the arguments of the call that is meant. */
static const struct cc_hostcall *read_call(struct cc_pending *pending,
					   const struct cc_hostcall *call)
{
	uint64_t args[CC_MAXARGS];

	read_args(pending, cc_call_does(call, CC_EFFECT_BY_NUMBER) ? CC_MAXARGS : call->nargs);
	memcpy(args, pending->args, sizeof(args));
	return cc_call_meant(call, args, pending->args);
}

static struct cc_pending *push(struct cc_image *image, uint64_t rsp)
{
	struct cc_pending *pending;
	struct cc_buffer items;

	if (image->thread->depth == PENDING_MAX) {
		image_fail(image, "host calls nest deeper than %d", PENDING_MAX);
		return NULL;
	}
	pending = &image->thread->pending[image->thread->depth];
	items = pending->in_items;
	memset(pending, 0, sizeof(*pending));
	items.length = 0;
	pending->in_items = items;
	pending->rsp = rsp;
	pending->first_alloc = image->thread->alloc_count;
	if (guest_read(rsp, &pending->return_address, 8))
		return NULL;
	image->thread->depth++;
	return pending;
}

void boundary_abandon_above(struct cc_image *image, unsigned depth)
{
	while (image->thread->depth > depth) {
		struct cc_pending *top = &image->thread->pending[--image->thread->depth];

		top->flags |= CC_CALL_ABANDONED;
		boundary_put(image, top, 0, 0);
	}
	image_arm(image);
}

/*
 * Code of the program's that the C library or the dynamic linker has called: a constructor, a
 * handler of fork.
 */
static int is_programs(const struct cc_pending *pending)
{
	return pending->outside || pending->is_callback;
}

/*
 * The stack is above where the call stood. The last thing that a function of the program's does may
 * be a call in its own place: that has the function's return address.
 */
static int is_stale(const struct cc_pending *pending, uint64_t rsp)
{
	uint64_t address;

	if (pending->rsp != rsp || !is_programs(pending))
		return pending->rsp <= rsp;
	return guest_read(rsp, &address, sizeof(address)) || address != pending->return_address;
}

/*
 * What a longjmp has left behind: signal handlers whose frames are gone, with the calls that they
 * interrupted, and calls that the stack is above of.
 */
static void drop_stale(struct cc_image *image, uint64_t rsp)
{
	unsigned depth = image->thread->depth;

	while (image->thread->handlers &&
	       image->thread->handler_rsp[image->thread->handlers - 1] < rsp) {
		unsigned interrupted = image->thread->handler_depth[--image->thread->handlers];

		if (interrupted && interrupted - 1 < depth)
			depth = interrupted - 1;
	}
	while (depth && is_stale(&image->thread->pending[depth - 1], rsp))
		depth--;
	if (depth < image->thread->depth)
		boundary_abandon_above(image, depth);
}

static const struct cc_frame nowhere = {"", "", 0, ""};

/*
 * What avoids a call that is refused, by the library that makes it. Languages' extensions have
 * theirs (runtime.h).
 */
static const struct {
	const char *library, *setting;
} settings[] = {
	{"/libgssapi_krb5.so",
	 "gssencmode=disable (PostgreSQL) or GSSAPIAuthentication=no does without"},
	{"/libkrb5.so", "gssencmode=disable (PostgreSQL) does without"},
	{"/libkeyutils.so", "KRB5CCNAME=FILE:/tmp/ccache does without"},
	{"/libopenblas", "OPENBLAS_NUM_THREADS=1 does without"},
	{"/libgomp.so", "OMP_NUM_THREADS=1 does without"},
	{"/libtbb", "TBB_NUM_THREADS=1 does without"},
	{"/libuv.so", "UV_USE_IO_URING=0 does without"},
};

static void refuse(struct cc_image *image, const char *call, const char *why, const char *then)
{
	const struct cc_map *map = task_map_of(image->task, guest_register(R_RIP));
	const char *object = map ? map->object->path : "?";
	const char *setting = NULL;

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings) && !setting; i++)
		if (strstr(object, settings[i].library))
			setting = settings[i].setting;
	image_frame(image);
	image_fail(image, "%s:%u: %s %s (%s calls it, in %s)%s%s", image->frame.file,
		   image->frame.frame.line, call, why, object,
		   *image->frame.frame.op ? image->frame.frame.op : "no op", setting ? ": " : then,
		   setting ? setting : "");
}

static void refuse_call(struct cc_image *image, const struct cc_pending *pending)
{
	char what[160];

	cc_call_describe(pending->call, pending->args, what, sizeof(what));
	refuse(image, what, "is not modelled", "");
}

/* Is it a call for the sake of the interpreter's lock? */
static int is_interpreters(const struct cc_image *image, const struct cc_hostcall *call,
			   uint64_t object)
{
	const struct cc_lock *lock = image->runtime->lock;
	uint64_t at;

	if (!lock || !call->threads)
		return 0;
	at = object - image->at[lock->symbol];
	return at >= lock->begin && at < lock->end;
}

static void enter(struct cc_image *image, uint64_t rsp, const struct cc_place *place)
{
	struct cc_pending *pending;

	image_start(image);
	unwind_loaded(image);
	image_take_ops(image);
	image->thread->stand.steps++;
	image->thread->stand.dropped = 0;
	if (place->unknown) {
		refuse(image, place->unknown, "is not in the host-call table",
		       ": please report it");
		return;
	}
	pending = push(image, rsp);
	if (!pending)
		return;
	pending->call = read_call(pending, place->call);
	if (is_interpreters(image, pending->call, pending->args[0])) {
		image->thread->depth--;
		return;
	}
	switch (cc_call_class(pending->call, pending->args, &guest_memory)) {
	case CC_REFUSE:
		refuse_call(image, pending);
		/* fall through */
	case CC_LIVE:
	case CC_PURE:
		image->thread->depth--;
		return;
	case CC_THREAD:
		pending->lock = pending->call->threads;
		pending->call = NULL;
		image->thread->depth -= image->thread_count == 1;
		image_arm(image);
		return;
	default:
		break;
	}
	if (signals_between(image->thread)) {
		/* Amidst an op: where in it, a replay does not know. */
		pending->frame = cc_trace_frame(image->trace, &nowhere);
	} else {
		signals_emit(image, image->thread->ops);
		signals_blocked(image, pending);
		pending->frame = image_frame(image);
		pending->op_address = image->frame.op_address;
		pending->valued = image->frame.valued;
	}
	pending->errno_before = read_errno(image);
	if (cc_call_is_variadic(pending->call))
		guest_vectors(pending->vectors);
	pending->encoded = !cc_call_encode_entry(pending->call, pending->args, &guest_memory,
						 cc_trace_writer(image->trace), &pending->in_items);
	cc_call_lengths(pending->call, pending->args, &guest_memory, pending->before);
	if (cc_call_does(pending->call, CC_EFFECT_WIND_UP)) {
		/* What runs now is the program's again. */
		boundary_put(image, pending, 0, 0);
		image->thread->depth--;
		image->winds_up = 1;
	}
	image_arm(image);
}

/* The image that runs, when a call that begins now is one across the boundary; or NULL. */
static struct cc_image *outside(uint64_t rsp)
{
	struct cc_image *image = image_current();

	if (!image || !image->trace || image->error.status)
		return NULL;
	drop_stale(image, rsp);
	/*
	 * Waiting for the interpreter's lock: how long, and how often woken, no replay does again.
	 */
	if (image_busy(image) || image->thread->lock == LOCK_TAKING ||
	    image->thread->exits == EXITS_REFUSED)
		return NULL;
	return image;
}

void boundary_stub(unsigned vcpu, void *data)
{
	uint64_t rsp = guest_register(R_RSP);
	struct cc_image *image = outside(rsp);
	const struct cc_place *place =
		image ? place_at(image, guest_register(R_RIP), PLACE_STUB) : NULL;

	if (place)
		enter(image, rsp, place);
}

/*
 * In dlopen the dynamic linker calls the constructors of the objects that it has loaded, in dlclose
 * the destructors of those that it drops. They are the program: their host calls are records of
 * their own, before that of the call that they are in. What the linker itself has allocated by then
 * is told first, as they allocate, too.
 */
void boundary_initializer(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	struct cc_pending *top, *pending;

	if (!image || !image->trace || image->error.status || !image->thread->depth ||
	    !image_busy(image))
		return;
	top = &image->thread->pending[image->thread->depth - 1];
	if (!top->call ||
	    !(cc_call_does(top->call, CC_EFFECT_LOAD) ||
	      cc_call_does(top->call, CC_EFFECT_UNLOAD)) ||
	    !place_at(image, guest_register(R_RIP), PLACE_INITIALIZER))
		return;
	pending = push(image, guest_register(R_RSP));
	if (!pending)
		return;
	if (!top->told || image->thread->alloc_count > top->first_alloc)
		cc_trace_inside(image_trace(image), image->thread->allocs + top->first_alloc,
				image->thread->alloc_count - top->first_alloc);
	top->told = 1;
	image->thread->alloc_count = pending->first_alloc = top->first_alloc;
	pending->outside = 1;
	image_arm(image);
}

/* Is it the call that a stub has just led to, or one that such a call ends with? */
static int entered(uint64_t rsp, uint64_t caller)
{
	const struct cc_image *image = image_current();
	const struct cc_pending *top;

	if (!image || !image->thread->depth)
		return 0;
	top = &image->thread->pending[image->thread->depth - 1];
	return top->rsp == rsp && top->return_address == caller;
}

static int is_from_outside(const struct cc_image *image, uint64_t caller)
{
	const struct cc_map *from = task_map_of(image->task, caller);

	return from && !from->object->inside;
}

/*
 * A function of the C library was called past the stubs: by its address, from outside of the
 * library.
 */
void boundary_entry(unsigned vcpu, void *data)
{
	uint64_t rsp = guest_register(R_RSP), caller;
	const struct cc_place *place;
	struct cc_image *image;

	if (guest_read(rsp, &caller, sizeof(caller)) || entered(rsp, caller))
		return;
	image = outside(rsp);
	place = image ? place_at(image, guest_register(R_RIP), PLACE_ENTRY) : NULL;
	if (!place)
		return;
	if (cc_call_does(place->call, CC_EFFECT_WIND_UP) && image->winds_up)
		return; /* a stub led here, and the record is there */
	if (is_from_outside(image, caller))
		enter(image, rsp, place);
	else if (cc_call_does(place->call, CC_EFFECT_WIND_UP))
		image->winds_up = 1; /* main() has returned */
}

/* ---- what happens inside ---- */

static struct cc_alloc *add_alloc(struct cc_image *image)
{
	if (image->thread->alloc_count == ALLOCS_MAX) {
		image_fail(image, "the C library allocates more than %u times inside one call",
			   ALLOCS_MAX);
		return NULL;
	}
	if (image->thread->alloc_count == image->thread->alloc_capacity) {
		image->thread->alloc_capacity =
			image->thread->alloc_capacity ? image->thread->alloc_capacity * 2 : 64;
		image->thread->allocs =
			realloc(image->thread->allocs,
				image->thread->alloc_capacity * sizeof(*image->thread->allocs));
	}
	return memset(&image->thread->allocs[image->thread->alloc_count++], 0,
		      sizeof(*image->thread->allocs));
}

static void note_alloc(struct cc_image *image, uint8_t kind, uint64_t size, uint64_t address,
		       uint64_t result)
{
	struct cc_alloc *alloc = add_alloc(image);

	if (!alloc)
		return;
	alloc->kind = kind;
	alloc->size = size;
	alloc->address = address;
	alloc->result = result;
}

/*
 * Is it in a host call that a replay serves, and whose allocations are made there? A join is made
 * as it was, when it is over.
 */
static int is_served(const struct cc_image *image)
{
	const struct cc_hostcall *call =
		image_busy(image) ? image->thread->pending[image->thread->depth - 1].call : NULL;

	return call && call->threads != CC_EFFECT_JOIN_THREAD;
}

const struct cc_object *boundary_caller(const struct cc_image *image, uint64_t rsp)
{
	const struct cc_map *from;
	uint64_t caller;

	if (guest_read(rsp, &caller, sizeof(caller)))
		return NULL;
	from = task_map_of(image->task, caller);
	return from ? from->object : NULL;
}

void boundary_alloc(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	const struct cc_place *place;
	struct cc_pending *pending;
	int takes_heap, inside;
	uint64_t old;

	if (!image || !image->trace)
		return;
	place = place_at(image, guest_register(R_RIP), PLACE_ALLOC);
	if (!place || (place->detail == CC_ALLOC_FREE && !guest_register(R_RDI)))
		return;
	old = place->detail == CC_ALLOC_FREE || place->detail == CC_ALLOC_REALLOC
		      ? guest_register(R_RDI)
		      : 0;
	takes_heap = heap_wanted(image, old);
	inside = is_served(image) || unwind_loads(image);
	if (!takes_heap && !inside)
		return;
	if (place->detail == CC_ALLOC_FREE && !takes_heap) {
		note_alloc(image, CC_ALLOC_FREE, 0, old, 0);
		return;
	}
	pending = push(image, guest_register(R_RSP));
	if (!pending)
		return;
	pending->takes_heap = takes_heap;
	pending->not_logged = !inside;
	pending->alloc_kind = place->detail;
	read_args(pending, 2);
	image_arm(image);
}

static void alloc_returned(struct cc_image *image, const struct cc_pending *pending,
			   uint64_t result)
{
	const uint64_t *args = pending->args;

	if (pending->takes_heap)
		heap_taken(image, pending->alloc_kind == CC_ALLOC_FREE ? 0 : result);
	if (pending->not_logged)
		return;
	switch (pending->alloc_kind) {
	case CC_ALLOC_FREE:
		note_alloc(image, CC_ALLOC_FREE, 0, args[0], 0);
		break;
	case CC_ALLOC_MALLOC:
		note_alloc(image, CC_ALLOC_MALLOC, args[0], 0, result);
		break;
	case CC_ALLOC_CALLOC:
		note_alloc(image, CC_ALLOC_CALLOC, args[0] * args[1], 0, result);
		break;
	case CC_ALLOC_REALLOC:
	case CC_ALLOC_MEMALIGN:
		note_alloc(image, pending->alloc_kind, args[1], args[0], result);
		break;
	}
}

/* ---- return ---- */

static int freed_later(const struct cc_image *image, size_t index)
{
	for (size_t i = index + 1; i < image->thread->alloc_count; i++)
		if (image->thread->allocs[i].address == image->thread->allocs[index].result &&
		    (image->thread->allocs[i].kind == CC_ALLOC_FREE ||
		     image->thread->allocs[i].kind == CC_ALLOC_REALLOC))
			return 1;
	return 0;
}

/* Memory that the call gives the program has content that it will read. */
static void keep_allocs(struct cc_image *image, const struct cc_pending *pending)
{
	if (!cc_call_gives_memory(pending->call))
		return;
	for (size_t i = pending->first_alloc; i < image->thread->alloc_count; i++) {
		struct cc_alloc *alloc = &image->thread->allocs[i];
		void *content;

		if (alloc->kind == CC_ALLOC_FREE || !alloc->result || alloc->size > KEEP_MAX ||
		    freed_later(image, i))
			continue;
		content = malloc(alloc->size + 1);
		alloc->kept = !guest_read(alloc->result, content, alloc->size);
		alloc->content = content;
	}
}

/* Code of the program's, or of an extension's, that is told to the C library as it runs. */
static void watch(struct cc_image *image, uint64_t address, enum cc_watch_kind kind)
{
	const struct cc_map *map = address > 1 ? task_map_of(image->task, address) : NULL;
	const uint8_t *code =
		map ? cc_elf_bytes(map->object->elf, address - map->bias, PLACE_BYTES) : NULL;
	uint8_t made[PLACE_BYTES]; /* in no file: libffi's closures */

	if (!code && address > 1 && !guest_read(address, made, sizeof(made)))
		code = made;
	for (unsigned i = 0; i < image->late_count; i++)
		if (image->late[i].address == address && image->late[i].kind == kind)
			return;
	if (!code || !objects_watch(address, code, kind))
		return;
	if (image->late_count == LATE_MAX) {
		image_fail(image,
			   "more than %d functions that had run before are told to the C library",
			   LATE_MAX);
		return;
	}
	image->late[image->late_count].address = address;
	image->late[image->late_count++].kind = kind;
}

/*
 * A plugin cannot have QEMU translate code anew. What ran before it was watched, in another process
 * that is not sliced perhaps, is found by looking at every block from then on: that is slow, and
 * seldom.
 */
void boundary_late(struct cc_image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->late_count; i++) {
		if (image->late[i].address != address)
			continue;
		if (image->late[i].kind == CC_WATCH_FOREIGN)
			boundary_foreign(0, NULL);
		else
			boundary_callback(0, NULL);
	}
}

static void note_callbacks(struct cc_image *image, const struct cc_pending *pending)
{
	for (unsigned i = 0; i < CC_EFFECT_ARGS; i++) {
		unsigned arg = cc_call_effect_arg(pending->call, CC_EFFECT_CALLBACKS, i);

		if (arg != CC_NOARG)
			watch(image, pending->args[arg], CC_WATCH_CALLBACK);
	}
}

/*
 * An extension's own signal handler (EV's, say) is first heard of when it is installed. What the
 * kernel gives one with SA_SIGINFO is read as it is entered; others find there what was on the
 * stack.
 */
static void note_handler(struct cc_image *image, const struct cc_pending *pending)
{
	unsigned signal = cc_call_effect_arg(pending->call, CC_EFFECT_HANDLER, 0);
	unsigned arg = cc_call_effect_arg(pending->call, CC_EFFECT_HANDLER, 1);
	struct sigaction action = {0};
	uint64_t bit;

	if (arg == CC_NOARG)
		return;
	action.sa_handler = (void (*)(int))(uintptr_t)pending->args[arg];
	if (pending->call->arg[arg].kind == CC_ITEM_IN && /* a structure */
	    (!pending->args[arg] || guest_read(pending->args[arg], &action, sizeof(action))))
		return;
	bit = 1ull << (pending->args[signal] & 63);
	image->detailed =
		action.sa_flags & SA_SIGINFO ? image->detailed | bit : image->detailed & ~bit;
	watch(image, (uintptr_t)action.sa_handler, CC_WATCH_FOREIGN);
}

static void refuse_unknown(struct cc_image *image, const struct cc_pending *pending)
{
	char which[128];

	if (!cc_call_unknown(pending->call, pending->args, &guest_memory, which, sizeof(which)))
		return;
	image_frame(image);
	image_fail(image, "%s:%u: %s with %s is not modelled: what it brings is not known",
		   image->frame.file, image->frame.frame.line, pending->call->name, which);
}

static void put_call(struct cc_image *image, const struct cc_pending *pending,
		     const struct cc_call_record *record, int returned)
{
	struct cc_buffer *payload = cc_trace_call_begin(image_trace(image), record);

	if (returned &&
	    cc_call_encode_out(pending->call, pending->args, pending->before, record->ret,
			       &guest_memory, cc_trace_writer(image->trace), payload))
		image_fail(image, "results of %s cannot be read in the guest", record->name);
	cc_trace_call_end(image->trace);
}

/* Some rows' calls never count as failed, as they have out-items all the same. */
static int may_have_faulted(const struct cc_hostcall *call, int64_t result)
{
	return cc_call_failed(call, result) || result == -1 || result == EFAULT;
}

/*
 * What could not be read at the entry, nobody had touched by then; or it was never there, and the
 * call failed by that.
 */
static void encode_late(struct cc_image *image, struct cc_pending *pending, int failed)
{
	struct cc_log_writer *writer = cc_trace_writer(image->trace);

	pending->in_items.length = 0;
	if (!cc_call_encode_entry(pending->call, pending->args, &guest_memory, writer,
				  &pending->in_items))
		return;
	if (!failed)
		image_fail(image, "arguments of %s cannot be read in the guest",
			   pending->call->name);
	pending->flags |= CC_CALL_FAULTED;
	cc_call_encode_faulted(pending->call, pending->args, &guest_memory, writer,
			       &pending->in_items);
}

/*
 * What the call has mapped, and how long it is: a replay is told by a MAP record where the call
 * does not say.
 */
static void note_memory(struct cc_image *image, const struct cc_pending *pending, uint64_t address)
{
	unsigned id = cc_call_effect_arg(pending->call, CC_EFFECT_ATTACH, 0);
	unsigned flags = cc_call_effect_arg(pending->call, CC_EFFECT_ATTACH, 1);

	if (id == CC_NOARG) {
		mappings_add(image, address, pending->args);
	} else {
		int prot = cc_attach_protection((int)pending->args[flags]);
		const uint64_t args[] = {0, ipc_segment_size((uint32_t)pending->args[id]),
					 (unsigned)prot, MAP_SHARED};

		cc_trace_map(image_trace(image), SYS_shmat, args[1], address);
		mappings_add(image, address, args);
	}
}

void boundary_put(struct cc_image *image, struct cc_pending *pending, int returned, uint64_t rax)
{
	const struct cc_hostcall *call = pending->call;
	struct cc_call_record record = {
		.frame = pending->frame,
		.in_items = &pending->in_items,
		.errno_before = pending->errno_before,
		.depth = (unsigned)(pending - image->thread->pending) +
			 signals_between(image->thread),
	};

	if (!call)
		return;
	if (!pending->encoded)
		encode_late(image, pending,
			    !returned || may_have_faulted(call, cc_call_result(call, rax)));
	if (!returned || !cc_call_failed(call, cc_call_result(call, rax)))
		refuse_unknown(image, pending);
	record.name = call->name;
	record.spec = call->spec;
	record.flags = pending->flags;
	if (returned) {
		record.ret = cc_call_result(call, rax);
		if (cc_call_failed(call, record.ret))
			record.flags |= CC_CALL_FAILED;
		record.errno_after = read_errno(image);
		keep_allocs(image, pending);
		record.allocs = image->thread->allocs + pending->first_alloc;
		record.alloc_count = image->thread->alloc_count - pending->first_alloc;
	} else {
		record.flags |= CC_CALL_NORETURN;
	}
	if (returned && !(record.flags & CC_CALL_FAILED) &&
	    (cc_call_does(call, CC_EFFECT_MAP) || cc_call_does(call, CC_EFFECT_ATTACH)))
		note_memory(image, pending, (uint64_t)record.ret);
	if (!returned || !signals_keep(image, pending, &record))
		put_call(image, pending, &record, returned);
	note_handler(image, pending);
	if (cc_call_does(call, CC_EFFECT_CALLBACKS))
		note_callbacks(image, pending);
	for (size_t i = pending->first_alloc; i < image->thread->alloc_count; i++)
		free((void *)image->thread->allocs[i].content);
	image->thread->alloc_count = pending->first_alloc;
}

static void returned(struct cc_image *image, struct cc_pending *top)
{
	image->thread->stand.steps++;
	if (top->lock == CC_EFFECT_JOIN_THREAD ||
	    (top->call && top->call->threads == CC_EFFECT_JOIN_THREAD))
		heaps_settle(image);
	if (top->call) {
		boundary_put(image, top, 1, guest_register(R_RAX));
		if (image->mappings)
			mappings_called(image);
		if (!signals_kept(image->thread)) {
			image->thread->ops = image->thread->loops =
				image->thread->stand.recorded_ops = 0;
			score_set(SCORE_OPS, 0);
			score_set(SCORE_LOOPS, 0);
			image->thread->dispatch.ops = 0;
			image->thread->value_op =
				image->thread->depth == 1 && top->valued ? top->op_address : 0;
		}
	} else if (top->is_callback) {
		image->thread->handlers -= image->thread->handlers > 0;
	} else if (top->lock) {
		image->thread->stand.calls++;
		blocks_begin(image->thread);
	} else if (top->outside) { /* what it was called in is below */
		top[-1].done = 1;
	} else {
		alloc_returned(image, top, guest_register(R_RAX));
	}
	image->thread->depth--;
}

void boundary_return(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	struct cc_thread *thread = image ? image->thread : NULL;
	uint64_t rsp = guest_register(R_RSP), rip = guest_register(R_RIP);
	int over = 0;

	if (!image || !image->trace)
		return;
	/* A call in the place of the function of the program's that made it is the end of both. */
	while (thread->depth && rsp == thread->pending[thread->depth - 1].rsp + 8 &&
	       rip == thread->pending[thread->depth - 1].return_address &&
	       (!over || is_programs(&thread->pending[thread->depth - 1]))) {
		returned(image, &thread->pending[thread->depth - 1]);
		over = 1;
	}
	if (over)
		image_arm(image);
}

void boundary_abandon(struct cc_image *image)
{
	while (image->thread->depth) {
		boundary_put(image, &image->thread->pending[image->thread->depth - 1], 0, 0);
		image->thread->depth--;
	}
}

/* ---- ops ---- */

/* The first op to complete after a host call: was it the one that made it? */
static void emit_value(struct cc_image *image)
{
	struct cc_value value;
	char text[256];

	if (image->runtime->op(&guest_memory, image->at) == image->thread->value_op) {
		image->runtime->value(&guest_memory, image->at, &value, text, sizeof(text));
		cc_trace_value(image_trace(image), &value);
	}
	image->thread->value_op = 0;
}

void boundary_op_done(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();

	if (!image || !image->trace)
		return;
	if (image->arrived_count) {
		image_take_ops(image); /* with the one that begins */
		signals_emit(image, image->thread->ops ? image->thread->ops - 1 : 0);
	}
	if (image->thread->value_op)
		emit_value(image);
	image_arm(image);
}

/*
 * pthread_once runs the program's function for this thread, whose next steps are its own ones. That
 * it has come here, and no other thread, is counted as a lock that it has got is.
 */
void boundary_block(struct cc_image *image, uint64_t address)
{
	struct cc_thread *thread = image->thread;
	const struct cc_pending *top = thread->depth ? &thread->pending[thread->depth - 1] : NULL;
	struct cc_pending *pending;

	if (!top || top->lock != CC_EFFECT_ONCE || top->done || top->args[1] != address)
		return;
	pending = push(image, guest_register(R_RSP));
	if (!pending)
		return;
	pending->outside = 1;
	thread->stand.calls++;
	thread->stand.steps++;
	blocks_begin(thread);
	image_arm(image);
}

/*
 * The C library calls the program inside a host call (fork's handlers): what that calls is logged,
 * as a handler's is.
 */
void boundary_callback(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	uint64_t rsp = guest_register(R_RSP);
	const struct cc_object *caller;
	struct cc_pending *pending;

	if (!image || !image->trace || !image_busy(image))
		return;
	caller = boundary_caller(image, rsp);
	if (!caller || !caller->inside)
		return;
	pending = &image->thread->pending[image->thread->depth - 1];
	/* It was translated anew: see boundary_late */
	if (pending->is_callback && pending->rsp == rsp)
		return;
	if (image->thread->handlers == 16) {
		image_fail(image, "functions that the C library calls nest deeper than 16");
		return;
	}
	pending = push(image, rsp);
	if (!pending)
		return;
	pending->is_callback = 1;
	image->thread->handler_rsp[image->thread->handlers] = rsp;
	image->thread->handling[image->thread->handlers] = HANDLING_INSIDE;
	image->thread->handler_depth[image->thread->handlers++] = image->thread->depth;
	cc_trace_callback(image_trace(image), guest_register(R_RIP));
	image_arm(image);
}

/* ---- the interpreter's lock ---- */

/*
 * In a process with threads: who holds the interpreter. Its lock is dropped and taken under one
 * mutex; a thread that has taken it locks another one next (runtime.h, struct cc_lock).
 */
static void interpreters_lock(struct cc_image *image, const struct cc_hostcall *call,
			      uint64_t mutex)
{
	const struct cc_lock *lock = image->runtime->lock;
	struct cc_thread *thread = image->thread;

	mutex -= image->at[lock->symbol];
	if (mutex == lock->mutex && call->threads == CC_EFFECT_INIT_LOCK) {
		image_keep_frame(image);
		thread->lock = LOCK_DROPPED; /* made anew after a fork */
	} else if (call->threads != CC_EFFECT_LOCK) {
		return;
	} else if (mutex == lock->taken && thread->lock == LOCK_TAKING) {
		thread->lock = LOCK_HELD;
		image->natives -= thread->id && !thread->took;
		thread->took = 1;
		cc_trace_take(image_trace(image));
		image_take_ops(image);
		thread->ops = thread->stand.recorded_ops = 0;
		thread->stand.dropped = 0;
		image_arm(image);
	} else if (mutex == lock->mutex && thread->lock == LOCK_HELD) {
		image_keep_frame(image);
		thread->lock = LOCK_DROPPED;
		image_take_ops(image);
		cc_trace_drop(image_trace(image), thread->ops);
		thread->stand.dropped = 1;
		image_arm(image);
	} else if (mutex == lock->mutex) {
		thread->lock = LOCK_TAKING;
		thread->stand.steps++;
		image_arm(image);
	}
}

/* Locks and the like, in a process with threads: calls that a replay counts (switches.c). */
static void thread_call(struct cc_image *image, const struct cc_place *place)
{
	uint64_t object = guest_register(R_RDI), rsp = guest_register(R_RSP);

	if (is_interpreters(image, place->call, object)) {
		interpreters_lock(image, place->call, object);
	} else if (place->call->threads == CC_EFFECT_EXIT_THREAD) {
		image->thread->exits =
			boundary_caller(image, rsp) == image->object ? EXITS_REFUSED : EXITS_ITSELF;
		image_arm(image);
	} else if (outside(rsp)) {
		enter(image, rsp, place);
	}
}

void boundary_thread(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	const struct cc_place *place;

	if (!image || !image->runtime->lock || !image->trace)
		return;
	place = place_at(image, guest_register(R_RIP), PLACE_THREAD);
	if (!place)
		return;
	image->thread->stub_rsp = guest_register(R_RSP);
	thread_call(image, place);
}

/*
 * Without a stub, which compilers leave out on request (-fno-plt, Rust), or by the function's
 * address.
 */
void boundary_thread_entry(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	uint64_t rsp = guest_register(R_RSP), caller;
	const struct cc_place *place;

	if (!image || !image->runtime->lock || !image->trace)
		return;
	if (image->thread->stub_rsp == rsp) {
		image->thread->stub_rsp = 0;
		return;
	}
	place = place_at(image, guest_register(R_RIP), PLACE_THREAD_ENTRY);
	if (place && !guest_read(rsp, &caller, sizeof(caller)) && !entered(rsp, caller) &&
	    is_from_outside(image, caller))
		thread_call(image, place);
}
