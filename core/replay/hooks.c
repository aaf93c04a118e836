/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/hooked.h"
#include "core/replay/mapping.h"
#include "core/replay/namespace.h"
#include "core/replay/past.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/state.h"
#include "logs/text.h"

#define HOOKS_MAX 16
#define EXPORT __attribute__((visibility("default")))

unsigned cc_hooks_wanted CC_STATE;
uint64_t cc_hooks_moment CC_STATE;

static struct {
	struct cc_hook hook;
	int in_namespace; /* the hook runs on thread-local storage of its own */
} hooks[HOOKS_MAX] CC_STATE;
static unsigned count CC_STATE;
static int loaded CC_STATE; /* all of them */

/*
 * `stderr` is the program's variable, and a served call leaves in its FILE what the run had there:
 * while a hook in C runs, one of ours stands in its place.
 */
static FILE *own_stderr CC_STATE;

static FILE *lend_stderr(void)
{
	FILE *programs = stderr;

	stderr = own_stderr;
	return programs;
}

static void want(const struct cc_hook *hook)
{
	cc_hooks_wanted |= (hook->statement ? CC_WANT_STATEMENTS : 0) |
			   (hook->op ? CC_WANT_OPS : 0) |
			   (hook->enter || hook->leave ? CC_WANT_CALLS : 0) |
			   (hook->exception ? CC_WANT_EXCEPTIONS : 0) |
			   (hook->host_call || hook->host_called ? CC_WANT_HOST_CALLS : 0) |
			   (hook->end ? CC_WANT_END : 0) | (hook->code ? CC_WANT_CODE : 0);
}

/*
 * What cc_hook_load is called in an object, by the version of hooks.h that this was compiled with.
 * Since version 2 all that came stands at the end of a struct: in struct cc_hook, which is ours, it
 * is NULL for such a hook, and of others the hook does not know.
 */
static const char *const loads[] = {
	[1] = "cc_hook_load",
	[2] = "cc_hook_load_2",
	[3] = "cc_hook_load_3",
	[4] = "cc_hook_load_4",
};
#define OLDEST 2
_Static_assert(sizeof(loads) / sizeof(*loads) == CC_HOOKS_VERSION + 1, "each version has a name");

static cc_hook_load_function *find_load(const char *path, void *object, uint32_t *version)
{
	for (*version = CC_HOOKS_VERSION; *version; --*version) {
		void *function = dlsym(object, loads[*version]);

		if (function && *version >= OLDEST)
			return (cc_hook_load_function *)function;
		if (function)
			cc_die("--hook %s: it was made for version %u of hooks.h, and this is "
			       "version %d: compile it "
			       "again with the installed crosscut/hooks.h",
			       path, *version, CC_HOOKS_VERSION);
	}
	cc_die("--hook %s: it has no cc_hook_load of version %d of hooks.h", path,
	       CC_HOOKS_VERSION);
}

static void load(char *path)
{
	char *arguments;
	cc_hook_load_function *function;
	struct cc_hook *hook = &hooks[count].hook;
	FILE *programs;
	void *object;
	int refused;

	cc_unescape(path);
	arguments = strchr(path, CC_HOOK_SEPARATOR);
	if (arguments)
		*arguments++ = '\0';
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		cc_die("--hook %s: %s", path, dlerror());
	if (count == HOOKS_MAX)
		cc_die("--hook %s: more than %d hooks", path, HOOKS_MAX);
	function = find_load(path, object, &hook->version);
	hook->arguments = cc_heap_copy(arguments ? arguments : "");
	programs = lend_stderr();
	refused = function(hook);
	stderr = programs;
	if (refused)
		cc_die("--hook %s: it refused to load", path);
	want(hook);
	count++;
}

void cc_hooks_load(const char *list)
{
	char *copy = cc_heap_copy(list), *rest = copy, *path;

	own_stderr = fdopen(2, "w");
	if (own_stderr)
		setvbuf(own_stderr, NULL, _IONBF, 0);
	else
		own_stderr = stderr; /* there is none */
	while ((path = strsep(&rest, "\n")))
		load(path);
	free(copy);
}

void cc_hooks_loaded(void)
{
	loaded = 1;
}

void cc_hooks_add(const struct cc_hook *hook)
{
	if (count == HOOKS_MAX)
		cc_die("more than %d hooks", HOOKS_MAX);
	hooks[count].hook = *hook;
	hooks[count].in_namespace = 1;
	want(&hooks[count++].hook);
}

EXPORT void cc_hook_fail(const char *text)
{
	cc_complain("--hook %s", text);
}

EXPORT pid_t cc_hook_fork(void)
{
	int ready[2], shared;
	char byte;
	pid_t child;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	shared = cc_alias_copy();
	child = shared == -1 ? -1 : _Fork();
	if (!child) {
		cc_tripwire_again();
		cc_alias_copied(shared);
		cc_replay_copied();
		close(ready[0]);
		close(ready[1]);
		return 0;
	}
	close(ready[1]);
	if (shared >= 0)
		close(shared);
	while (child > 0 && read(ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ready[0]);
	return child;
}

/* ---- texts that stay ---- */

static struct {
	const char **slots;
	size_t room, used;
} texts CC_STATE;

static const char **slot_of(const char *text)
{
	uint64_t hash = cc_hash(text, strlen(text));

	for (size_t i = hash & (texts.room - 1);; i = (i + 1) & (texts.room - 1))
		if (!texts.slots[i] || !strcmp(texts.slots[i], text))
			return &texts.slots[i];
}

static void more_texts(void)
{
	const char **old = texts.slots;
	size_t room = texts.room;

	texts.room = room ? room * 2 : 1024;
	texts.slots = cc_heap_zeros(texts.room, sizeof(*texts.slots));
	for (size_t i = 0; i < room; i++)
		if (old[i])
			*slot_of(old[i]) = old[i];
	free(old);
}

const char *cc_hooks_text(const char *text)
{
	const char **slot;

	if (texts.used * 2 >= texts.room)
		more_texts();
	slot = slot_of(text);
	if (!*slot) {
		*slot = cc_heap_copy(text);
		texts.used++;
	}
	return *slot;
}

const char *cc_hooks_known(struct cc_hooks_known *known, const char *text)
{
	if (known->at != text || strcmp(known->text, text)) {
		known->at = text;
		known->text = cc_hooks_text(text);
	}
	return known->text;
}

/* ---- code that was met ---- */

int cc_hooks_meet(struct cc_hooks_met *met, const void *address)
{
	uint64_t key = (uintptr_t)address;
	size_t i;

	if (met->used * 2 >= met->room) {
		struct cc_hooks_met more = {.room = met->room ? met->room * 2 : 1024};

		more.slots = cc_heap_zeros(more.room, sizeof(*more.slots));
		for (i = 0; i < met->room; i++)
			if (met->slots[i])
				cc_hooks_meet(&more, (const void *)(uintptr_t)met->slots[i]);
		free(met->slots);
		*met = more;
	}
	for (i = key / 16 & (met->room - 1); met->slots[i]; i = (i + 1) & (met->room - 1))
		if (met->slots[i] == key)
			return 0;
	met->slots[i] = key;
	met->used++;
	return 1;
}

static int compare_lines(const void *one, const void *other)
{
	unsigned a = *(const unsigned *)one, b = *(const unsigned *)other;

	return (a > b) - (a < b);
}

size_t cc_hooks_sort_lines(unsigned *lines, size_t count)
{
	size_t to = 0;

	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		if (!to || lines[to - 1] != lines[i])
			lines[to++] = lines[i];
	return to;
}

/* ---- texts until the event is over ---- */

struct scratch {
	struct scratch *next;
	char bytes[];
};
static struct scratch *scratch CC_STATE;

void *cc_hooks_scratch(size_t size)
{
	struct scratch *block = cc_heap_malloc(sizeof(*block) + size);

	block->next = scratch;
	scratch = block;
	return block->bytes;
}

static void release(void)
{
	while (scratch) {
		struct scratch *next = scratch->next;

		free(scratch);
		scratch = next;
	}
}

/* ---- events: in our own context ---- */

/*
 * `told`: of what is told. The past of a forked child is told to hooks that know of forks, but for
 * its loaded code: that says nothing of who ran it.
 */
#define TELL(told, function, ...)                                                                  \
	do {                                                                                       \
		FILE *programs = NULL;                                                             \
                                                                                                   \
		cc_hooks_moment++;                                                                 \
		for (unsigned i = 0; i < count; i++) {                                             \
			if (!hooks[i].hook.function || !((told) || hooks[i].hook.forked))          \
				continue;                                                          \
			if (hooks[i].in_namespace)                                                 \
				cc_namespace_enter();                                              \
			else                                                                       \
				programs = lend_stderr();                                          \
			hooks[i].hook.function(hooks[i].hook.data, __VA_ARGS__);                   \
			if (hooks[i].in_namespace)                                                 \
				cc_namespace_leave();                                              \
			else                                                                       \
				stderr = programs;                                                 \
		}                                                                                  \
		if (scratch)                                                                       \
			release();                                                                 \
	} while (0)

void cc_hooks_statement(const char *file, unsigned line, const char *sub)
{
	TELL(!cc_past.on, statement, file, line, sub);
}

void cc_hooks_code(const struct cc_hook_code *code)
{
	TELL(1, code, code);
}

void cc_hooks_op(const char *name)
{
	TELL(!cc_past.on, op, name);
}

void cc_hooks_enter(struct cc_hook_call *call)
{
	call->before = cc_past.on;
	TELL(!cc_past.on, enter, call);
}

void cc_hooks_leave(const struct cc_hook_call *call, int unwound)
{
	TELL(!call->before, leave, call, unwound);
}

void cc_hooks_exception(const char *class_name, const char *text)
{
	TELL(!cc_past.on, exception, class_name, text);
}

void cc_hooks_host_call(const struct cc_hostcall *call, const uint64_t *args, uint64_t ordinal)
{
	cc_hooks_call_begin(call, args);
	TELL(!cc_past.on, host_call, call->name, ordinal);
	cc_hooks_call_end();
}

void cc_hooks_host_called(const struct cc_hostcall *call, const uint64_t *args,
			  const uint32_t *before, int64_t ret, int error, uint64_t ordinal,
			  int past)
{
	cc_hooks_call_begin(call, args);
	cc_hooks_call_result(before, ret, error);
	TELL(!past, host_called, call->name, ordinal);
	cc_hooks_call_end();
}

static uint64_t running CC_STATE = 1; /* the chain that runs */

void cc_hooks_chain(uint64_t number)
{
	if (number == running)
		return;
	running = number;
	TELL(!cc_past.on, chain, number);
}

void cc_hooks_forked(pid_t process)
{
	TELL(0, forked, process);
	for (unsigned i = 0; running != 1 && i < count; i++)
		if (!hooks[i].hook.forked && hooks[i].hook.chain)
			hooks[i].hook.chain(hooks[i].hook.data, running);
}

void cc_hooks_end(int status)
{
	if (cc_language.hooked && cc_language.hooked->end)
		cc_language.hooked->end();
	TELL(1, end, status);
}

/* ---- what a hook asks ---- */

EXPORT int cc_hook_frame(unsigned depth, struct cc_hook_frame *frame)
{
	return cc_language.hooked ? cc_language.hooked->frame(depth, frame) : -1;
}

EXPORT int cc_hook_count_moments(void)
{
	if (!loaded)
		cc_hooks_wanted |= CC_WANT_MOMENTS;
	return loaded ? -1 : 0;
}

EXPORT int cc_hook_moment(struct cc_hook_moment *moment)
{
	*moment = (struct cc_hook_moment){cc_agent.now.calls, cc_agent.now.events};
	return cc_hooks_wanted & CC_WANT_MOMENTS ? 0 : -1;
}

EXPORT int cc_hook_variable(unsigned depth, const char *name, struct cc_hook_value *value)
{
	memset(value, 0, sizeof(*value));
	return cc_language.hooked ? cc_language.hooked->variable(depth, name, value) : -1;
}

EXPORT int cc_hook_element(const struct cc_hook_value *container, size_t index,
			   struct cc_hook_value *key, struct cc_hook_value *element)
{
	struct cc_hook_value from = *container;

	memset(key, 0, sizeof(*key));
	memset(element, 0, sizeof(*element));
	if (from.kind != CC_HOOK_OTHER || !from.inside)
		return -1;
	if (cc_hooks_is_strings(&from))
		return cc_hooks_string(&from, index, key, element);
	return cc_language.hooked ? cc_language.hooked->element(&from, index, key, element) : -1;
}

EXPORT int cc_hook_past(void)
{
	return cc_past.on;
}

EXPORT pid_t cc_hook_process(void)
{
	return cc_past.process;
}

EXPORT const char *cc_hook_prefix(void)
{
	return cc_past_prefix();
}

/*
 * The same for a hook of another namespace. When it asks, its C library's storage is in use: ours
 * is, while we work.
 */
static void come(void)
{
	cc_namespace_leave();
}

static int go(int status)
{
	cc_namespace_enter();
	return status;
}

static int namespace_frame(unsigned depth, struct cc_hook_frame *frame)
{
	come();
	return go(cc_hook_frame(depth, frame));
}

static int namespace_count_moments(void)
{
	come();
	return go(cc_hook_count_moments());
}

static int namespace_moment(struct cc_hook_moment *moment)
{
	come();
	return go(cc_hook_moment(moment));
}

static int namespace_variable(unsigned depth, const char *name, struct cc_hook_value *value)
{
	come();
	return go(cc_hook_variable(depth, name, value));
}

static int namespace_element(const struct cc_hook_value *container, size_t index,
			     struct cc_hook_value *key, struct cc_hook_value *element)
{
	come();
	return go(cc_hook_element(container, index, key, element));
}

static int namespace_argument(unsigned number, const char **name, struct cc_hook_value *value)
{
	come();
	return go(cc_hook_argument(number, name, value));
}

static int namespace_result(struct cc_hook_value *value, int *error)
{
	come();
	return go(cc_hook_result(value, error));
}

static const char *namespace_prefix(void)
{
	const char *prefix;

	come();
	prefix = cc_hook_prefix();
	cc_namespace_enter();
	return prefix;
}

static void namespace_fail(const char *text)
{
	come();
	cc_complain("%s", text);
	cc_namespace_enter();
}

const struct cc_hook_functions cc_hooks_in_namespace = {
	.fail = namespace_fail,
	.frame = namespace_frame,
	.count_moments = namespace_count_moments,
	.moment = namespace_moment,
	.variable = namespace_variable,
	.element = namespace_element,
	.argument = namespace_argument,
	.result = namespace_result,
	.past = cc_hook_past, /* which use nothing of the C library's */
	.process = cc_hook_process,
	.prefix = namespace_prefix,
};
