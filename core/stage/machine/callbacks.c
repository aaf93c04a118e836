/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of the program's that the C library is told of, and calls: handlers of signals and of
 * fork, comparisons. They are watched from the moment at which they are told.
 */
#include <signal.h>
#include <string.h>

#include "core/stage/machine/boundary.h"

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

void callbacks_note(struct cc_image *image, const struct cc_pending *pending)
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
void callbacks_note_handler(struct cc_image *image, const struct cc_pending *pending)
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
	/* This entry is known: the function was translated anew (boundary_late). */
	if (pending->is_callback && pending->rsp == rsp)
		return;
	if (image->thread->handlers == 16) {
		image_fail(image, "functions that the C library calls nest deeper than 16");
		return;
	}
	pending = boundary_push(image, rsp);
	if (!pending)
		return;
	pending->is_callback = 1;
	image->thread->handler_rsp[image->thread->handlers] = rsp;
	image->thread->handling[image->thread->handlers] = HANDLING_INSIDE;
	image->thread->handler_depth[image->thread->handlers++] = image->thread->depth;
	cc_trace_callback(image_trace(image), guest_register(R_RIP));
	image_arm(image);
}
