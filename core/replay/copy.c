/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/copy.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/confine.h"
#include "core/replay/heap.h"
#include "core/replay/options.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/special.h"
#include "core/replay/state.h"

struct cc_copy_self cc_copy_self CC_STATE;
int cc_copy_notes CC_STATE;

extern char cc_thunk_handled[]; /* of thunk.S: calls cc_host with the symbol and its arguments */

static struct {
	/* By symbol, and by row of the host-call table: 1 + the number in cc_copy_calls, or 0. */
	uint8_t *by_symbol, *by_row;
	void **real;		/* by number in cc_copy_calls: the C library's own */
	const json_t *manifest; /* the slice's */
	struct remembered *remembered;
	/* What goes into the call that is about to be served; its out-items may overwrite it. */
	struct cc_buffer asked;
} copies CC_STATE;

/* ---- what the slice says ---- */

static void read_numbers(const json_t *array, uint32_t *to, unsigned *count, unsigned room)
{
	const json_t *number;
	size_t i;

	json_array_foreach(array, i, number) if (i < room)
	{
		to[i] = (uint32_t)json_integer_value(number);
		if (count)
			*count = (unsigned)i + 1;
	}
}

static void read_limits(const json_t *limits)
{
	const json_t *limit;
	size_t i;

	json_array_foreach(limits, i, limit)
	{
		size_t resource = (size_t)json_integer_value(json_array_get(limit, 0));

		if (resource >= CC_COPY_LIMITS)
			continue;
		cc_copy_self.limits[resource] = (struct cc_copy_limit){
			(uint64_t)json_integer_value(json_array_get(limit, 1)),
			(uint64_t)json_integer_value(json_array_get(limit, 2))};
		cc_copy_self.limits_known |= 1u << resource;
	}
}

static void read_text(const json_t *text, char *to, size_t size)
{
	const char *value = json_string_value(text);

	if (value && strlen(value) < size)
		strcpy(to, value);
}

static void read_identity(const json_t *manifest)
{
	const json_t *identity = json_object_get(manifest, "identity");
	struct cc_copy_self *self = &cc_copy_self;

	read_text(json_object_get(manifest, "host"), self->host, sizeof(self->host));
	read_text(json_object_get(manifest, "release"), self->release, sizeof(self->release));
	self->processors = (uint32_t)json_integer_value(json_object_get(manifest, "processors"));
	self->group = self->session = self->pid;
	if (!identity)
		return;
	self->ids_known = 1;
	self->group = (pid_t)json_integer_value(json_object_get(identity, "group"));
	self->session = (pid_t)json_integer_value(json_object_get(identity, "session"));
	self->mask = (uint32_t)json_integer_value(json_object_get(identity, "umask"));
	read_numbers(json_object_get(identity, "uids"), self->uids, NULL, 3);
	read_numbers(json_object_get(identity, "gids"), self->gids, NULL, 3);
	read_numbers(json_object_get(identity, "groups"), self->groups, &self->group_count,
		     CC_COPY_GROUPS);
	read_limits(json_object_get(identity, "limits"));
}

void cc_copy_begin(const struct cc_start *start, const json_t *manifest)
{
	copies.manifest = manifest;
	cc_copy_self.pid = (pid_t)start->pid;
	cc_copy_self.parent = (pid_t)start->parent;
	cc_copy_self.directory = *start->directory ? cc_heap_copy(start->directory) : NULL;
}

void cc_copy_forked(pid_t pid)
{
	cc_copy_self.parent = cc_copy_self.pid;
	cc_copy_self.pid = pid;
	cc_copy_processes_forked();
}

/* ---- what the run was told ---- */

struct remembered {
	struct remembered *next;
	const struct cc_hostcall *call;
	struct cc_buffer in, out;
	int64_t ret;
	int error;
};

static struct remembered *find(const struct cc_hostcall *call, const struct cc_buffer *in)
{
	for (struct remembered *at = copies.remembered; at; at = at->next)
		if (at->call == call && at->in.length == in->length &&
		    (!in->length || !memcmp(at->in.data, in->data, in->length)))
			return at;
	return NULL;
}

void cc_copy_ask(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned number = copies.by_row[call - cc_hostcalls];

	copies.asked.length = 0;
	if (number && cc_copy_calls[number - 1].remembered)
		cc_call_encode_in(call, args, &cc_own_memory, NULL, &copies.asked);
}

static void remember(const struct cc_hostcall *call, const uint64_t *args, const uint32_t *before,
		     int64_t ret, int64_t recorded, int error)
{
	struct remembered *it = find(call, &copies.asked);

	if (!it) {
		it = cc_heap_zeros(1, sizeof(*it));
		it->call = call;
		cc_put_bytes(&it->in, copies.asked.data, copies.asked.length);
		it->next = copies.remembered;
		copies.remembered = it;
	}
	it->out.length = 0;
	it->ret = recorded;
	it->error = error;
	if (cc_call_encode_out(call, args, before, ret, &cc_own_memory, NULL, &it->out) < 0)
		it->out.length = 0;
}

/* Has the run made this call with these arguments? Then *ret is what it got. */
static int recall(const struct cc_hostcall *call, const uint64_t *args, int64_t *ret)
{
	struct cc_buffer in = {0};
	const struct remembered *it = NULL;
	uint32_t before[CC_MAXARGS];
	struct cc_cursor cursor;

	if (cc_call_encode_in(call, args, &cc_own_memory, NULL, &in) == 0)
		it = find(call, &in);
	cc_buffer_free(&in);
	if (!it)
		return 0;
	cc_call_lengths(call, args, &cc_own_memory, before);
	cursor = (struct cc_cursor){it->out.data, it->out.data + it->out.length, 0};
	if (cc_call_serve(call, args, before, it->ret, cc_replay_reader(), &cursor) < 0)
		return 0;
	*ret = cc_call_returned(call, args, it->ret);
	if (it->error >= 0)
		errno = it->error;
	return 1;
}

void cc_copy_note(const struct cc_hostcall *call, const uint64_t *args, const uint32_t *before,
		  int64_t ret, int64_t recorded, int error)
{
	unsigned number = copies.by_row[call - cc_hostcalls];
	const struct cc_copy_call *row = &cc_copy_calls[number - 1];

	if (!number)
		return;
	if (row->note && !cc_call_failed(call, recorded))
		row->note(row, args, ret);
	if (row->remembered)
		remember(call, args, before, ret, recorded, error);
}

/* ---- in the copy ---- */

void *cc_copy_real_function(const struct cc_copy_call *row)
{
	return copies.real[row - cc_copy_calls];
}

int64_t cc_copy_real(const struct cc_copy_call *row, uint64_t *args)
{
	int64_t (*function)(uint64_t, ...) =
		(int64_t(*)(uint64_t, ...))(row->number ? NULL : copies.real[row - cc_copy_calls]);

	if (row->number)
		return cc_copy_kernel(row->number, args);
	return function(args[0], args[1], args[2], args[3], args[4], args[5], args[6], args[7],
			args[8], args[9]);
}

int64_t cc_copy_kernel(long number, const uint64_t *args)
{
	long got = cc_raw(number, (long)args[0], (long)args[1], (long)args[2], (long)args[3],
			  (long)args[4], (long)args[5]);

	if (got >= 0 || got < -4095)
		return got;
	errno = (int)-got;
	return -1;
}

static int64_t answer(unsigned symbol, uint64_t args[CC_MAXARGS])
{
	const struct cc_copy_call *row = &cc_copy_calls[copies.by_symbol[symbol] - 1];
	const struct cc_hostcall *call = cc_hostcall_row(cc_symbols[symbol].row);
	int64_t ret;

	if (row->remembered && recall(call, args, &ret))
		return ret;
	return row->answer ? row->answer(row, args) : cc_copy_real(row, args);
}

int64_t cc_copy_of_handle(const struct cc_copy_call *row, uint64_t *args)
{
	args[0] = (uintptr_t)cc_special_handle(args[0]);
	return cc_copy_real(row, args);
}

/*
 * ctypes asks for symbols of the C library itself: where the table answers a function, ours is
 * found all the same.
 */
int64_t cc_copy_dlsym(const struct cc_copy_call *row, uint64_t *args)
{
	void *found = (void *)(uintptr_t)cc_copy_of_handle(row, args);

	for (unsigned i = 0; found && i < cc_symbol_count; i++)
		if (copies.by_symbol[i] && copies.real[copies.by_symbol[i] - 1] == found)
			return (int64_t)(uintptr_t)((
				void *(*)(void *, const char *))cc_copy_real_function(row))(
				RTLD_DEFAULT, cc_symbols[i].name);
	return (int64_t)(uintptr_t)found;
}

/*
 * What a copy starts (`kill 74`, typed to a shell) knows nothing of our table: so the kernel is
 * asked to keep signals from whatever is outside of the copy (landlock(7), Linux 6.12; on older
 * kernels only the table does).
 */
static void keep_signals_in(void)
{
	const struct {
		uint64_t fs, net, scoped;
	} rules = {0, 0, 1 << 1 /* LANDLOCK_SCOPE_SIGNAL */};
	long ruleset =
		cc_raw(444 /* landlock_create_ruleset */, (long)&rules, sizeof(rules), 0, 0, 0, 0);

	if (ruleset < 0)
		return;
	if (cc_raw(446 /* landlock_restrict_self */, ruleset, 0, 0, 0, 0, 0) < 0) {
		cc_raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
		cc_raw(446, ruleset, 0, 0, 0, 0, 0);
	}
	cc_raw(SYS_close, ruleset, 0, 0, 0, 0, 0);
}

int cc_copy_is_guarded(void)
{
	const char *confined = cc_option(CC_OPTION_CONFINED);

	return confined && !strcmp(confined, CC_CONFINED_GUARDED);
}

static void confine(void)
{
	struct cc_error error;

	if (!cc_copy_is_guarded())
		keep_signals_in();
	else if (cc_confine_calls(CC_CONFINE_COPY, NULL, &error))
		cc_die("%s", error.text);
}

void cc_copy_become(void)
{
	if (!copies.by_symbol)
		return;
	for (unsigned i = 0; i < cc_symbol_count; i++)
		if (copies.by_symbol[i])
			cc_real[i] = cc_thunk_handled;
	cc_host = answer;
	cc_copy_processes_begin();
	cc_copy_clocks_begin();
	if (cc_copy_self.ids_known)
		cc_raw(SYS_umask, cc_copy_self.mask, 0, 0, 0, 0, 0);
	confine();
}

/* ---- a session begins ---- */

static unsigned number_of(const char *symbol)
{
	unsigned low = 0, high = cc_copy_call_count;

	while (low < high) { /* the table is sorted */
		unsigned middle = (low + high) / 2;
		int order = strcmp(cc_copy_calls[middle].name, symbol);

		if (!order)
			return middle + 1;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/*
 * A row of our table stands for all the names that the host call has; the row itself has the first
 * of them.
 */
void cc_copy_session(void)
{
	if (cc_copy_notes)
		return;
	cc_copy_notes = 1;
	read_identity(copies.manifest);
	copies.by_symbol = cc_heap_zeros(cc_symbol_count, 1);
	copies.by_row = cc_heap_zeros(cc_hostcall_count, 1);
	copies.real = cc_heap_zeros(cc_copy_call_count, sizeof(*copies.real));
	for (unsigned i = 0; i < cc_symbol_count; i++) {
		uint32_t row = cc_symbols[i].row;

		if (!i || row != cc_symbols[i - 1].row) {
			copies.by_row[row] = (uint8_t)number_of(cc_symbols[i].name);
			if (copies.by_row[row])
				copies.real[copies.by_row[row] - 1] = cc_real_function(i);
		}
		copies.by_symbol[i] = copies.by_row[row];
	}
}
