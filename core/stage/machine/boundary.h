/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that follow host calls share: boundary.c (entry and return), allocs.c,
 * callbacks.c, records.c, locks.c, unwind.c. `image` is the running one, and the thread its running
 * one.
 */
#ifndef CC_STAGE_BOUNDARY_H
#define CC_STAGE_BOUNDARY_H

#include "core/stage/machine/stage.h"

/* What stands at this address, if that is a place of this kind; or NULL. */
const struct cc_place *boundary_place(const struct cc_image *image, uint64_t address, uint8_t kind);
/*
 * The object whose code calls, at the entry of a function or the stub that leads to it. NULL: that
 * code was made at run time.
 */
const struct cc_object *boundary_caller(const struct cc_image *image, uint64_t rsp);
/* The image that runs, when a call that begins now is one across the boundary; or NULL. */
struct cc_image *boundary_running(uint64_t rsp);
/* Is this the entry of the call that a stub has just led to, or of a tail call of that? */
int boundary_is_entered(uint64_t rsp, uint64_t caller);
/* Does this return address lie outside of the C library's own objects? */
int boundary_is_from_outside(const struct cc_image *image, uint64_t caller);
/* A call of `place` begins, whose return address is at `rsp`. */
void boundary_enter(struct cc_image *image, uint64_t rsp, const struct cc_place *place);
/*
 * A call, or what is like one, begins: cleared, but for what the stack tells. NULL: too many nest,
 * and the slice fails.
 */
struct cc_pending *boundary_push(struct cc_image *image, uint64_t rsp);
/* The first `count` arguments of a call that begins now, into pending->args; the others are 0. */
void boundary_args(struct cc_pending *pending, unsigned count);
int boundary_errno(struct cc_image *image); /* errno of the running thread */

/* allocs.c: an allocation that boundary_alloc has pushed gave `result`. */
void allocs_returned(struct cc_image *image, const struct cc_pending *pending, uint64_t result);
/*
 * The contents of what the call has allocated and not freed, if its row says so; whoever writes the
 * record frees them.
 */
void allocs_keep(struct cc_image *image, const struct cc_pending *pending);

/* callbacks.c: a call that is over has told the C library of functions of the program's. */
void callbacks_note(struct cc_image *image, const struct cc_pending *pending);
/* The same of a call that has set the handler of a signal. */
void callbacks_note_handler(struct cc_image *image, const struct cc_pending *pending);

/* locks.c: is it a call for the sake of the interpreter's lock? */
int locks_are_interpreters(const struct cc_image *image, const struct cc_hostcall *call,
			   uint64_t object);

#endif
