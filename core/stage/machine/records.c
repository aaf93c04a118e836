/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host call that is over, or will never be, becomes a record. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/stage/machine/boundary.h"

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
		record.errno_after = boundary_errno(image);
		allocs_keep(image, pending);
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
	callbacks_note_handler(image, pending);
	if (cc_call_does(call, CC_EFFECT_CALLBACKS))
		callbacks_note(image, pending);
	for (size_t i = pending->first_alloc; i < image->thread->alloc_count; i++)
		free((void *)image->thread->allocs[i].content);
	image->thread->alloc_count = pending->first_alloc;
}
