/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last column of hostcalls.def: what a call does. doc/hostcalls.md describes it:
 *
 *   effects = effect { " " effect }
 *   effect  = word [ ":" argument { "," argument } ]
 *
 * As in spec.c, a malformed row ends the program with the row's name.
 */
#include "core/host/walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const char *const names[CC_EFFECT_COUNT] = {[CC_NO_EFFECT] = "",
#define CC_EFFECT(NAME, name) [CC_EFFECT_##NAME] = #name,
						   CC_EFFECTS(CC_EFFECT)
#undef CC_EFFECT
};
_Static_assert(CC_EFFECT_COUNT <= 64, "cc_hostcall.effects has a bit for each");

const char *cc_effect_name(enum cc_effect effect)
{
	return names[effect];
}

int cc_attach_protection(int flags)
{
	return PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
	       (flags & SHM_EXEC ? PROT_EXEC : 0);
}

_Noreturn static void malformed(const struct cc_hostcall *call, const char *what, const char *at)
{
	fprintf(stderr, "hostcalls.def: %s: %s at \"%s\"\n", call->name, what, at);
	abort();
}

static int is(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && !memcmp(name, text, length);
}

static uint8_t argument(const struct cc_hostcall *call, const char *text, size_t length)
{
	for (unsigned i = 0; i < call->nargs; i++)
		if (is(call->arg[i].name, text, length))
			return (uint8_t)i;
	malformed(call, "no such argument", text);
}

static const char *arguments(const struct cc_hostcall *call, struct cc_row_effect *effect,
			     const char *at)
{
	for (unsigned i = 0; i < CC_EFFECT_ARGS; i++) {
		size_t length;

		effect->arg[i] = CC_NOARG;
		if (*at != (i ? ',' : ':'))
			continue;
		length = strcspn(++at, " ,");
		effect->arg[i] = argument(call, at, length);
		at += length;
	}
	return at;
}

void cc_effects_parse(struct cc_hostcall *call, const char *at)
{
	for (unsigned i = 0; *at; i++) {
		size_t length = strcspn(at, " :");
		unsigned effect = 1;

		while (effect < CC_EFFECT_COUNT && !is(names[effect], at, length))
			effect++;
		if (effect == CC_EFFECT_COUNT || i == CC_ROW_EFFECTS)
			malformed(call, i == CC_ROW_EFFECTS ? "too many effects" : "no such effect",
				  at);
		if (effect >= CC_EFFECT_FIRST_OF_THREADS && call->threads)
			malformed(call, "two effects of threads", at);
		if (effect >= CC_EFFECT_FIRST_OF_THREADS)
			call->threads = (uint8_t)effect;
		call->effects |= 1ull << effect;
		call->effect[i].effect = (uint8_t)effect;
		at = arguments(call, &call->effect[i], at + length);
		if (*at && *at != ' ')
			malformed(call, "something after an effect", at);
		at += *at == ' ';
	}
}

unsigned cc_call_effect_arg(const struct cc_hostcall *call, enum cc_effect effect, unsigned number)
{
	for (unsigned i = 0; i < CC_ROW_EFFECTS; i++)
		if (call->effect[i].effect == effect)
			return call->effect[i].arg[number];
	return CC_NOARG;
}

/* ---- what a call with the effect OUTPUT gives away ---- */

static size_t piece(const void *data, size_t length, size_t room, cc_put_piece *put, void *context)
{
	if (length > room)
		length = room;
	if (put && length)
		put(context, data, length);
	return length;
}

static size_t pieces(const struct iovec *iovec, size_t count, size_t room, cc_put_piece *put,
		     void *context)
{
	size_t done = 0;

	for (size_t i = 0; iovec && i < count; i++)
		done += piece(iovec[i].iov_base, iovec[i].iov_len, room - done, put, context);
	return done;
}

size_t cc_call_output(const struct cc_hostcall *call, const uint64_t *args, size_t room,
		      cc_put_piece *put, void *context)
{
	const struct cc_walk walk = {.call = call, .args = args, .direction = CC_IN};
	unsigned arg = cc_call_effect_arg(call, CC_EFFECT_OUTPUT, 1);
	const struct cc_item *item;
	const struct msghdr *message;

	if (arg == CC_NOARG)
		return 0;
	item = &call->arg[arg];
	switch (item->kind) {
	case CC_ITEM_IOVIN:
		return pieces((const struct iovec *)(uintptr_t)args[arg],
			      (size_t)(int)args[item->length_arg], room, put, context);
	case CC_ITEM_MSGIN:
		message = (const struct msghdr *)(uintptr_t)args[arg];
		return message ? pieces(message->msg_iov, message->msg_iovlen, room, put, context)
			       : 0;
	default:
		return piece((const void *)(uintptr_t)args[arg], cc_item_capacity(&walk, item),
			     room, put, context);
	}
}
