/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values for hooks: arguments of host calls, as their row in the table says, and how values are
 * printed.
 */
#include <stdio.h>
#include <string.h>

#include "core/host/walk.h"
#include "core/replay/hooked.h"
#include "core/replay/state.h"

#define EXPORT __attribute__((visibility("default")))
#define BYTES_MAX (1u << 20)

static struct {
	const struct cc_hostcall *call; /* NULL: no hook is being told of one */
	const uint64_t *args;
	const uint32_t *before;
	int over; /* the call's result is there */
	int64_t ret;
	int error;
} now CC_STATE;

static const char strings[] = "strings";

void cc_hooks_call_begin(const struct cc_hostcall *call, const uint64_t *args)
{
	memset(&now, 0, sizeof(now));
	now.call = call;
	now.args = args;
}

void cc_hooks_call_result(const uint32_t *before, int64_t ret, int error)
{
	now.before = before;
	now.over = 1;
	now.ret = ret;
	now.error = error;
}

void cc_hooks_call_end(void)
{
	now.call = NULL;
}

/* ---- text ---- */

static size_t follow(uint8_t first)
{
	return first < 0x80		       ? 0
	       : first >= 0xc2 && first < 0xe0 ? 1
	       : first >= 0xe0 && first < 0xf0 ? 2
	       : first >= 0xf0 && first < 0xf5 ? 3
					       : SIZE_MAX;
}

static int is_utf8(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		size_t more = follow(bytes[i]);

		if (more >= length - i) /* SIZE_MAX too */
			return 0;
		while (more--)
			if ((bytes[++i] & 0xc0) != 0x80)
				return 0;
	}
	return 1;
}

void cc_hooks_set_bytes(struct cc_hook_value *value, const void *bytes, size_t length)
{
	char *copy = cc_hooks_scratch(length + 1);

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	value->kind = is_utf8(bytes, length) ? CC_HOOK_TEXT : CC_HOOK_BYTES;
	value->text = copy;
	value->length = length;
}

/* ---- arguments ---- */

static void set_number(struct cc_hook_value *value, const struct cc_item *item, uint64_t number)
{
	number = cc_item_number(item, number);
	value->kind = item->kind == CC_ITEM_ULONG && (int64_t)number < 0 ? CC_HOOK_UNSIGNED
									 : CC_HOOK_INTEGER;
	value->unsigned_integer = number;
}

static void set_memory(struct cc_hook_value *value, const struct cc_item *item, uint64_t address)
{
	struct cc_walk walk = {.call = now.call,
			       .args = now.args,
			       .before = now.before,
			       .ret = now.ret,
			       .direction = now.over ? CC_OUT : CC_IN,
			       .memory = &cc_own_memory};
	size_t length;
	int exact;

	value->address = address;
	if (!address ||
	    (item->kind == CC_ITEM_OUT && (!now.over || cc_call_failed(now.call, now.ret))) ||
	    cc_item_length(&walk, item, &length, &exact) || !exact || length > BYTES_MAX)
		return;
	cc_hooks_set_bytes(value, (const void *)(uintptr_t)address, length);
}

static void set_strings(struct cc_hook_value *value, uint64_t address)
{
	const char *const *at = (const char *const *)(uintptr_t)address;

	if (!at)
		return;
	value->kind = CC_HOOK_OTHER;
	value->text = strings;
	value->length = strlen(strings);
	value->inside = value->address = address;
	while (at[value->count])
		value->count++;
}

int cc_hooks_is_strings(const struct cc_hook_value *value)
{
	return value->text == strings;
}

int cc_hooks_string(const struct cc_hook_value *value, size_t index, struct cc_hook_value *key,
		    struct cc_hook_value *element)
{
	const char *const *at = (const char *const *)(uintptr_t)value->inside;

	if (index >= value->count)
		return -1;
	key->kind = CC_HOOK_INTEGER;
	key->integer = (int64_t)index;
	cc_hooks_set_bytes(element, at[index], strlen(at[index]));
	return 0;
}

static void set_item(struct cc_hook_value *value, const struct cc_item *item, uint64_t argument)
{
	switch (item->kind) {
	case CC_ITEM_INT:
	case CC_ITEM_UINT:
	case CC_ITEM_LONG:
	case CC_ITEM_ULONG:
		set_number(value, item, argument);
		break;
	case CC_ITEM_STROUT:
		if (!now.over || cc_call_failed(now.call, now.ret))
			break;
		/* fall through */
	case CC_ITEM_STR:
	case CC_ITEM_STRINOUT:
		value->address = argument;
		if (argument && item->unit == 1)
			cc_hooks_set_bytes(value, (const void *)(uintptr_t)argument,
					   strlen((const char *)(uintptr_t)argument));
		break;
	case CC_ITEM_IN:
	case CC_ITEM_OUT:
	case CC_ITEM_INOUT:
		set_memory(value, item, argument);
		break;
	case CC_ITEM_STRV:
		set_strings(value, argument);
		break;
	default: /* structures, descriptors of a program's memory */
		value->address = argument;
	}
}

EXPORT int cc_hook_argument(unsigned number, const char **name, struct cc_hook_value *value)
{
	memset(value, 0, sizeof(*value));
	/* The time zone stands behind the arguments, and is no argument. */
	if (!now.call || number >= now.call->nargs || now.call->arg[number].kind == CC_ITEM_TZ)
		return -1;
	*name = now.call->arg[number].name;
	set_item(value, &now.call->arg[number], now.args[number]);
	return 0;
}

EXPORT int cc_hook_argument_named(const char *name, struct cc_hook_value *value)
{
	memset(value, 0, sizeof(*value));
	for (unsigned i = 0; now.call && i < now.call->nargs; i++)
		if (!strcmp(now.call->arg[i].name, name))
			return set_item(value, &now.call->arg[i], now.args[i]), 0;
	return -1;
}

EXPORT int cc_hook_effect(unsigned number, const char **effect,
			  const char *arguments[CC_EFFECT_ARGS])
{
	const struct cc_row_effect *does;

	if (!now.call || number >= CC_ROW_EFFECTS || !now.call->effect[number].effect)
		return -1;
	does = &now.call->effect[number];
	*effect = cc_effect_name(does->effect);
	for (unsigned i = 0; i < CC_EFFECT_ARGS; i++)
		arguments[i] = does->arg[i] == CC_NOARG ? NULL : now.call->arg[does->arg[i]].name;
	return 0;
}

EXPORT int cc_hook_result(struct cc_hook_value *value, int *error)
{
	const struct cc_item *item;

	memset(value, 0, sizeof(*value));
	*error = 0;
	if (!now.call || !now.over)
		return -1;
	if (cc_call_failed(now.call, now.ret))
		*error = now.error;
	item = &now.call->ret;
	if (item->kind == CC_ITEM_STR && now.ret)
		set_item(value, item, (uint64_t)now.ret);
	else if (item->kind != CC_ITEM_VOID)
		set_number(value, item, (uint64_t)now.ret);
	return 0;
}

/* ---- printing ---- */

struct room {
	char *text;
	size_t size, length;
};

static void put(struct room *room, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++, room->length++)
		if (room->length + 1 < room->size)
			room->text[room->length] = text[i];
}

static void put_quoted(struct room *room, const struct cc_hook_value *value)
{
	static const char letters[] = "\n\t\r\"\\", names[] = "ntr\"\\";

	put(room, "\"", 1);
	for (size_t i = 0; i < value->length; i++) {
		uint8_t byte = (uint8_t)value->text[i];
		const char *letter = byte ? strchr(letters, byte) : NULL;
		char escape[5] = {'\\', letter ? names[letter - letters] : 'x'};

		if (letter)
			put(room, escape, 2);
		else if (byte < ' ' || byte == 0x7f ||
			 (value->kind == CC_HOOK_BYTES && byte > 0x7f))
			put(room, escape, (size_t)snprintf(escape + 2, 3, "%02x", byte) + 2);
		else
			put(room, (const char *)&byte, 1);
	}
	put(room, "\"", 1);
}

EXPORT int cc_hook_print(const struct cc_hook_value *value, char *text, size_t size)
{
	struct room room = {text, size, 0};
	char number[64] = "nothing";

	if (value->kind == CC_HOOK_TEXT || value->kind == CC_HOOK_BYTES) {
		put_quoted(&room, value);
	} else {
		if (value->kind == CC_HOOK_INTEGER)
			snprintf(number, sizeof(number), "%lld", (long long)value->integer);
		else if (value->kind == CC_HOOK_UNSIGNED)
			snprintf(number, sizeof(number), "%llu",
				 (unsigned long long)value->unsigned_integer);
		else if (value->kind == CC_HOOK_NUMBER)
			snprintf(number, sizeof(number), "%.15g", value->number);
		else if (value->kind == CC_HOOK_OTHER)
			snprintf(number, sizeof(number), "%.40s(0x%llx)", value->text,
				 (unsigned long long)value->address);
		put(&room, number, strlen(number));
		if (value->kind == CC_HOOK_OTHER && value->count) {
			snprintf(number, sizeof(number), " of %zu", value->count);
			put(&room, number, strlen(number));
		}
	}
	if (size)
		text[room.length < size ? room.length : size - 1] = '\0';
	return (int)room.length;
}
