/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host calls in a guest: entered through a PLT stub of the interpreter or of its extension modules,
 * over when the return address is reached with the stack as it was. What the C library calls within
 * is not looked at, but for its allocations.
 */
#include <string.h>

#include "core/stage/machine/boundary.h"

/* ---- where is it ---- */

const struct cc_place *boundary_place(const struct cc_image *image, uint64_t address, uint8_t kind)
{
	const struct cc_map *map = task_map_of(image->task, address);

	return map ? object_place(map->object, address - map->bias, kind) : NULL;
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

/* errno's address in the process: libc's thread-pointer offset stands in its GOT. */
int boundary_errno(struct cc_image *image)
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

void boundary_args(struct cc_pending *pending, unsigned count)
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

	boundary_args(pending, cc_call_does(call, CC_EFFECT_BY_NUMBER) ? CC_MAXARGS : call->nargs);
	memcpy(args, pending->args, sizeof(args));
	return cc_call_meant(call, args, pending->args);
}

struct cc_pending *boundary_push(struct cc_image *image, uint64_t rsp)
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

void boundary_enter(struct cc_image *image, uint64_t rsp, const struct cc_place *place)
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
	pending = boundary_push(image, rsp);
	if (!pending)
		return;
	pending->call = read_call(pending, place->call);
	if (locks_are_interpreters(image, pending->call, pending->args[0])) {
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
	pending->errno_before = boundary_errno(image);
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
struct cc_image *boundary_running(uint64_t rsp)
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
	struct cc_image *image = boundary_running(rsp);
	const struct cc_place *place =
		image ? boundary_place(image, guest_register(R_RIP), PLACE_STUB) : NULL;

	if (place)
		boundary_enter(image, rsp, place);
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
	    !boundary_place(image, guest_register(R_RIP), PLACE_INITIALIZER))
		return;
	pending = boundary_push(image, guest_register(R_RSP));
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

int boundary_is_entered(uint64_t rsp, uint64_t caller)
{
	const struct cc_image *image = image_current();
	const struct cc_pending *top;

	if (!image || !image->thread->depth)
		return 0;
	top = &image->thread->pending[image->thread->depth - 1];
	return top->rsp == rsp && top->return_address == caller;
}

int boundary_is_from_outside(const struct cc_image *image, uint64_t caller)
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

	if (guest_read(rsp, &caller, sizeof(caller)) || boundary_is_entered(rsp, caller))
		return;
	image = boundary_running(rsp);
	place = image ? boundary_place(image, guest_register(R_RIP), PLACE_ENTRY) : NULL;
	if (!place)
		return;
	if (cc_call_does(place->call, CC_EFFECT_WIND_UP) && image->winds_up)
		return; /* a stub led here, and the record is there */
	if (boundary_is_from_outside(image, caller))
		boundary_enter(image, rsp, place);
	else if (cc_call_does(place->call, CC_EFFECT_WIND_UP))
		image->winds_up = 1; /* main() has returned */
}

/* ---- return ---- */

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
		allocs_returned(image, top, guest_register(R_RAX));
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

/* ---- the end of the program ---- */

void boundary_end(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();

	if (image && image->trace && image->runtime->ends)
		image->runtime->ends(&guest_memory, image->at, &image->frame);
}
