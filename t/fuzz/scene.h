/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program's arguments for any row of hostcalls.def: each buffer is exactly as large as the other
 * arguments say, and what stands around it is poisoned (AddressSanitizer).
 */
#ifndef CC_FUZZ_SCENE_H
#define CC_FUZZ_SCENE_H

#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/host/layout.h"
#include "core/host/walk.h"
#include "t/fuzz/fuzz.h"

#define ARENA_SIZE (512u << 10)
#define BETWEEN 64	   /* bytes between two buffers, at least */
#define BUFFER_MAX 65536   /* of one: 32000 semaphores, of two bytes each */
#define COUNT_MASK 0x7f	   /* of what counts bytes or elements */
#define VECTOR_MASK 3	   /* of what counts structs with pointers */
#define ANY_SIZE 8192	   /* what scanf may fill */
#define STACK_WORDS 160	   /* of a va_list, in memory */
#define REGISTER_BYTES 176 /* and in registers */
#define WORDS_IN_REGISTERS 48

struct scene {
	const struct cc_hostcall *call;
	struct input *input;
	uint64_t args[CC_MAXARGS];
	uint32_t before[CC_MAXARGS];
	int impossible; /* no program has a buffer of that size */
	void *object;	/* of a result in it; from malloc */
	size_t used;
};

static _Alignas(16) uint8_t scene_arena[ARENA_SIZE];

/* So many bytes with something in them, which begin at a multiple of 16; NULL: too many. */
static inline uint8_t *place(struct scene *scene, size_t size)
{
	uint8_t *memory = scene_arena + scene->used;

	if (size > BUFFER_MAX || ARENA_SIZE - scene->used < size + BETWEEN) {
		scene->impossible = 1;
		return NULL;
	}
	scene->used += (size + BETWEEN + 15) / 16 * 16;
	ASAN_UNPOISON_MEMORY_REGION(memory, size);
	memset(memory, 0x55, size);
	return memory;
}

static inline uint64_t address_of(const void *memory)
{
	return (uintptr_t)memory;
}

static inline uint64_t place_string(struct scene *scene, unsigned unit)
{
	size_t length = (draw(scene->input, 1) & 31) * unit;
	uint8_t *text = place(scene, length + unit);

	for (size_t i = 0; text && i < length; i++) {
		text[i] = (uint8_t)draw(scene->input, 1);
		if (!text[i] && i % unit == 0)
			text[i] = 1; /* its end is not here yet */
	}
	if (text)
		memset(text + length, 0, unit);
	return address_of(text);
}

static inline uint64_t place_strings(struct scene *scene)
{
	unsigned count = draw(scene->input, 1) & VECTOR_MASK;
	uint64_t *vector = (uint64_t *)place(scene, (count + 1) * sizeof(*vector));

	for (unsigned i = 0; vector && i < count; i++)
		vector[i] = place_string(scene, 1);
	if (vector)
		vector[count] = 0;
	return address_of(vector);
}

static inline struct iovec *place_iovec(struct scene *scene, size_t count)
{
	struct iovec *iovec = (struct iovec *)place(scene, count * sizeof(*iovec));

	for (size_t i = 0; iovec && i < count; i++) {
		iovec[i].iov_len = draw(scene->input, 1) & COUNT_MASK;
		iovec[i].iov_base = place(scene, iovec[i].iov_len);
	}
	return iovec;
}

static inline void fill_message(struct scene *scene, struct msghdr *message)
{
	uint64_t shape = draw(scene->input, 1);

	*message = (struct msghdr){
		.msg_namelen = shape & 1 ? sizeof(struct sockaddr_storage) : shape & 30,
		.msg_controllen = shape >> 3,
		.msg_iovlen = shape & VECTOR_MASK,
	};
	if (shape & 4)
		message->msg_name = place(scene, message->msg_namelen);
	if (shape & 8)
		message->msg_control = place(scene, message->msg_controllen);
	message->msg_iov = place_iovec(scene, message->msg_iovlen);
}

static inline uint64_t place_messages(struct scene *scene, size_t count)
{
	struct mmsghdr *vector = (struct mmsghdr *)place(scene, count * sizeof(*vector));

	for (size_t i = 0; vector && i < count; i++)
		fill_message(scene, &vector[i].msg_hdr);
	return address_of(vector);
}

static inline uint64_t place_message(struct scene *scene)
{
	struct msghdr *message = (struct msghdr *)place(scene, sizeof(*message));

	if (message)
		fill_message(scene, message);
	return address_of(message);
}

/* ---- structs ---- */

static inline void fill_field(struct scene *scene, const struct cc_layout *layout,
			      const struct cc_field *field, uint8_t *at)
{
	const struct cc_field *base = &layout->fields[field->base];
	uint64_t pointer = 0, length = draw(scene->input, 1) & COUNT_MASK;
	uint32_t command = (uint32_t)draw(scene->input, 1);
	uint8_t *memory;

	switch ((enum cc_field_type)field->type) {
	case CC_FIELD_STRING:
		pointer = place_string(scene, 1);
		break;
	case CC_FIELD_BUFFER:
		pointer = address_of(place(scene, length));
		memcpy(at + base->offset, &length, base->width);
		break;
	case CC_FIELD_COMMAND:
		length = cc_ethtool_size(&cc_own_memory, address_of(&command));
		memory = place(scene, length < sizeof(command) ? sizeof(command) : length);
		if (memory)
			memcpy(memory, &command, sizeof(command));
		pointer = address_of(memory);
		break;
	default:
		return;
	}
	memcpy(at + field->offset, &pointer, sizeof(pointer));
}

static inline void fill_structs(struct scene *scene, const struct cc_layout *layout, uint8_t *at,
				size_t size)
{
	for (; size >= layout->size; at += layout->size, size -= layout->size) {
		at[draw(scene->input, 1) % layout->size] = (uint8_t)draw(scene->input, 1);
		for (unsigned i = 0; i < layout->count; i++)
			fill_field(scene, layout, &layout->fields[i], at);
	}
}

/* ---- arguments behind a format ---- */

/* What does for each of them: a number, and an address of a text, a count or a value. */
static inline uint64_t place_any(struct scene *scene, const struct cc_item *item)
{
	int scans = item->kind == CC_ITEM_SCAN || item->kind == CC_ITEM_VSCAN;
	uint8_t *any = place(scene, scans ? ANY_SIZE : 16);

	if (any) {
		memset(any, 0, scans ? ANY_SIZE : 16);
		memcpy(any, "ab", 2);
	}
	return address_of(any);
}

static inline uint64_t place_list(struct scene *scene, uint64_t any)
{
	uint64_t *stack = (uint64_t *)place(scene, STACK_WORDS * sizeof(*stack));
	uint64_t *saved = (uint64_t *)place(scene, REGISTER_BYTES);
	struct {
		uint32_t words, vectors;
		uint64_t stack, saved;
	} *list = (void *)place(scene, sizeof(*list));

	if (scene->impossible)
		return 0;
	for (unsigned i = 0; i < STACK_WORDS; i++)
		stack[i] = any;
	for (unsigned i = 0; i < REGISTER_BYTES / sizeof(*saved); i++)
		saved[i] = any;
	list->words = 0;
	list->vectors = WORDS_IN_REGISTERS;
	list->stack = address_of(stack);
	list->saved = address_of(saved);
	return address_of(list);
}

/* ---- a call ---- */

/* The item that an argument is this time. */
static inline const struct cc_item *item_of(const struct scene *scene, unsigned i,
					    struct cc_item *scratch)
{
	const struct cc_item *item = &scene->call->arg[i];
	unsigned at;

	if (item->kind != CC_ITEM_BY)
		return item;
	at = cc_variant_selector(scene->call, item);
	return cc_variant_item(item,
			       (int64_t)cc_item_number(&scene->call->arg[at], scene->args[at]),
			       scratch);
}

static inline size_t capacity_of(const struct scene *scene, const struct cc_item *item)
{
	const struct cc_walk walk = {.call = scene->call,
				     .args = scene->args,
				     .before = scene->before};

	return item->length_source == CC_LEN_SEMS ? BUFFER_MAX : cc_item_capacity(&walk, item);
}

/* A number of any size, but mostly a small one. */
static inline uint64_t draw_number(struct input *input)
{
	uint64_t lead = draw(input, 1);

	return lead < 0xf0   ? lead
	       : lead < 0xf8 ? draw(input, 4)
	       : lead < 0xff ? draw(input, 8)
			     : -1ul;
}

static inline int counts_structs(const struct cc_item *item)
{
	return item->kind >= CC_ITEM_IOVIN && item->kind <= CC_ITEM_MMSGOUT;
}

/* What says how long a buffer is gets small. */
static inline void bound_counts(struct scene *scene)
{
	for (unsigned i = 0; i < scene->call->nargs; i++) {
		struct cc_item scratch;
		const struct cc_item *item = item_of(scene, i, &scratch);

		if (item->length_source != CC_LEN_CONST && item->length_arg != CC_NOARG &&
		    capacity_of(scene, item) > COUNT_MASK)
			scene->args[item->length_arg] &= COUNT_MASK;
		if (item->length_times != CC_NOARG && item->length_times < CC_MAXARGS)
			scene->args[item->length_times] &= COUNT_MASK;
		if (counts_structs(item) && item->length_arg != CC_NOARG)
			scene->args[item->length_arg] &= VECTOR_MASK;
		if (item->kind == CC_ITEM_GRAPH && item->length_arg != CC_NOARG)
			scene->args[item->length_arg + 1] &= COUNT_MASK;
	}
}

/* An argument that points to how long another one is. */
static inline int is_length(const struct scene *scene, unsigned number)
{
	for (unsigned i = 0; i < scene->call->nargs; i++) {
		struct cc_item scratch;
		const struct cc_item *item = item_of(scene, i, &scratch);

		if (item->length_source == CC_LEN_AT_ARG && item->length_arg == number)
			return 1;
	}
	return 0;
}

static inline uint64_t place_bytes(struct scene *scene, const struct cc_item *item)
{
	size_t size = capacity_of(scene, item);
	uint8_t *memory = place(scene, size);

	if (memory && item->shape == CC_SHAPE_LAYOUT)
		fill_structs(scene, cc_layout_at(item->decode - 1u), memory, size);
	else if (memory && size)
		memory[0] = (uint8_t)draw(scene->input, 1);
	return address_of(memory);
}

static inline uint64_t place_graph(struct scene *scene, const struct cc_item *item)
{
	uint64_t *buffer = &scene->args[item->length_arg];

	*buffer = address_of(place(scene, scene->args[item->length_arg + 1]));
	return address_of(place(scene, cc_layout_at(item->decode - 1u)->size));
}

/* What stood there before: nothing, or a block of the heap's. */
static inline uint64_t place_pointer(struct scene *scene)
{
	uint64_t *pointer = (uint64_t *)place(scene, sizeof(*pointer));

	if (pointer)
		*pointer = draw(scene->input, 1) & 1 ? address_of(scene->object) : 0;
	return address_of(pointer);
}

static inline uint64_t place_stream(struct scene *scene)
{
	uint8_t *stream = place(scene, sizeof(FILE));

	if (stream)
		memset(stream, 0, sizeof(FILE));
	return address_of(stream);
}

static inline void fill_variadic(struct scene *scene, const struct cc_item *item, unsigned from)
{
	uint64_t any = item->kind == CC_ITEM_STRL ? 0 : place_any(scene, item);

	for (unsigned i = from; i < CC_MAXARGS; i++)
		scene->args[i] = any ? any : draw(scene->input, 1) & 1 ? place_string(scene, 1) : 0;
}

/* An argument behind which there is memory. */
static inline void fill_pointer(struct scene *scene, const struct cc_item *item, unsigned i)
{
	uint64_t *arg = &scene->args[i];
	struct iovec *iovec;

	switch ((enum cc_item_kind)item->kind) {
	case CC_ITEM_STR:
	case CC_ITEM_STRINOUT:
		*arg = place_string(scene, item->unit);
		break;
	case CC_ITEM_STRV:
		*arg = place_strings(scene);
		break;
	case CC_ITEM_STRL:
	case CC_ITEM_PRINT:
	case CC_ITEM_SCAN:
		fill_variadic(scene, item, i);
		break;
	case CC_ITEM_VPRINT:
	case CC_ITEM_VSCAN:
		*arg = place_list(scene, place_any(scene, item));
		break;
	case CC_ITEM_IN:
	case CC_ITEM_OUT:
	case CC_ITEM_INOUT:
	case CC_ITEM_STROUT:
		*arg = place_bytes(scene, item);
		break;
	case CC_ITEM_IOVIN:
		*arg = address_of(place_iovec(scene, scene->args[item->length_arg]));
		break;
	case CC_ITEM_IOVOUT:
		iovec = place_iovec(scene, scene->args[item->length_arg]);
		if (iovec && scene->args[item->length_arg] && draw(scene->input, 1) == 0xff)
			iovec->iov_base = NULL;
		*arg = address_of(iovec);
		break;
	case CC_ITEM_MSGIN:
	case CC_ITEM_MSGOUT:
		*arg = place_message(scene);
		break;
	case CC_ITEM_MMSGIN:
	case CC_ITEM_MMSGOUT:
		*arg = place_messages(scene, scene->args[item->length_arg]);
		break;
	case CC_ITEM_GRAPH:
		*arg = place_graph(scene, item);
		break;
	case CC_ITEM_PTROUT:
		*arg = place_pointer(scene);
		break;
	case CC_ITEM_STREAM:
		*arg = place_stream(scene);
		break;
	default:
		break;
	}
}

/* The length stands first in what it is the length of, or alone. */
static inline size_t size_around(const struct scene *scene, unsigned i, uint32_t length)
{
	struct cc_item scratch;
	const struct cc_item *item = item_of(scene, i, &scratch);
	int own = item->length_source == CC_LEN_AT_ARG && item->length_arg == i;

	return own ? item->length_plus + (size_t)length * item->scale : sizeof(length);
}

static inline void fill_lengths(struct scene *scene)
{
	for (unsigned i = 0; i < scene->call->nargs; i++) {
		uint32_t length;
		uint8_t *memory;

		if (!is_length(scene, i))
			continue;
		length = draw(scene->input, 1) & COUNT_MASK;
		memory = place(scene, size_around(scene, i, length));
		if (memory)
			memcpy(memory, &length, sizeof(length));
		scene->args[i] = address_of(memory);
	}
	cc_call_lengths(scene->call, scene->args, &cc_own_memory, scene->before);
}

static inline int is_number(const struct cc_item *item)
{
	return item->shape == CC_SHAPE_NUMBER || item->shape == CC_SHAPE_NONE;
}

/* Draws a row's arguments from the input; -1: a program cannot have such. */
static inline int set_scene(struct scene *scene, const struct cc_hostcall *call,
			    struct input *input, void *object)
{
	static size_t last = ARENA_SIZE;
	struct cc_item scratch;

	ASAN_POISON_MEMORY_REGION(scene_arena, last > scene->used ? last : scene->used);
	last = 0;
	*scene = (struct scene){.call = call, .input = input, .object = object};
	for (unsigned i = 0; i < call->nargs; i++)
		if (is_number(&call->arg[i]) || call->arg[i].kind == CC_ITEM_BY)
			scene->args[i] = draw_number(input);
	bound_counts(scene);
	fill_lengths(scene);
	for (unsigned i = 0; i < call->nargs && !scene->impossible; i++) {
		const struct cc_item *item = item_of(scene, i, &scratch);

		if (is_number(item) || is_length(scene, i))
			continue;
		scene->args[i] = 0;
		if (draw(input, 1) % 16 || item->shape == CC_SHAPE_VARIADIC)
			fill_pointer(scene, item, i);
	}
	if (call->ret.kind == CC_ITEM_GRAPH && call->ret.length_arg != CC_NOARG)
		scene->args[call->ret.length_arg] = address_of(object);
	return scene->impossible ? -1 : 0;
}

#endif
