/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The replay's side of hooks (core/replay/hooks.h): what tells them of events, and what they ask.
 */
#ifndef CC_HOOKED_H
#define CC_HOOKED_H

#include "core/host/hostcall.h"
#include "core/replay/hooks.h"

#pragma GCC visibility push(hidden)

/* What some hook wants to be told of. */
enum {
	CC_WANT_STATEMENTS = 1,
	CC_WANT_OPS = 2,
	CC_WANT_CALLS = 4,
	CC_WANT_EXCEPTIONS = 8,
	CC_WANT_HOST_CALLS = 16,
	CC_WANT_END = 32,
	CC_WANT_CODE = 64,
	CC_WANT_MOMENTS = 128, /* cc_agent.now.events is counted */
};
extern unsigned cc_hooks_wanted;

/* The objects of hooks: path, separator, arguments; one a line. */
#define CC_HOOK_SEPARATOR '\037'
typedef int cc_hook_load_function(struct cc_hook *hook);
/* Before any is loaded: how the run was started. */
void cc_hooks_command(char *const *argv);
/*
 * Loads the hooks of this list, before main(); ends the replay with a message where one cannot be.
 */
void cc_hooks_load(const char *list);
/* All hooks are there: what they want is settled. */
void cc_hooks_loaded(void);
/* Adds a hook that runs on thread-local storage of its own (core/replay/namespace.h). */
void cc_hooks_add(const struct cc_hook *hook);

/* The text of this content that stays. */
const char *cc_hooks_text(const char *text);
/* The same for a text that stood here before, most of the time. */
struct cc_hooks_known {
	const void *at;
	const char *text;
};
/* cc_hooks_text(text), without looking where `known` has it from the same address. */
const char *cc_hooks_known(struct cc_hooks_known *known, const char *text);

/* The addresses that cc_hooks_meet has been asked about. All zeros to begin with. */
struct cc_hooks_met {
	uint64_t *slots;
	size_t room, used;
};
/* 1: the address is new, and is asked about from now on; 0: it is known. */
int cc_hooks_meet(struct cc_hooks_met *met, const void *address);
/* Lines in ascending order, each once: how many are left. */
size_t cc_hooks_sort_lines(unsigned *lines, size_t count);

/* Events, in our own context. */
void cc_hooks_statement(const char *file, unsigned line, const char *sub);
void cc_hooks_code(const struct cc_hook_code *code);
void cc_hooks_op(const char *name);
/* Notes in *call whether it was entered before the fork: `leave` gets the same. */
void cc_hooks_enter(struct cc_hook_call *call);
void cc_hooks_leave(const struct cc_hook_call *call, int unwound);
void cc_hooks_exception(const char *class_name, const char *text);
void cc_hooks_host_call(const struct cc_hostcall *call, const uint64_t *args, uint64_t ordinal);
/* `past`: the call began in a forked child's past. */
void cc_hooks_host_called(const struct cc_hostcall *call, const uint64_t *args,
			  const uint32_t *before, int64_t ret, int error, uint64_t ordinal,
			  int past);
void cc_hooks_end(int status);
/* The chain of calls of the event to come; hooks are told if it is another than before */
void cc_hooks_chain(uint64_t number);
/* The past of a forked child is over (core/replay/past.h), which is this process of the run */
void cc_hooks_forked(pid_t process);

/* What a runtime can be asked; as the functions of hooks.h. NULL: nothing. */
struct cc_hooked {
	int (*frame)(unsigned depth, struct cc_hook_frame *frame);
	int (*variable)(unsigned depth, const char *name, struct cc_hook_value *value);
	int (*element)(const struct cc_hook_value *container, size_t index,
		       struct cc_hook_value *key, struct cc_hook_value *element);
	void (*end)(void); /* before the hooks are told of the end */
};

extern uint64_t cc_hooks_moment; /* goes up with each event */

/* Text that lasts until the event is over. */
void *cc_hooks_scratch(size_t size);

/* The functions of hooks.h, for code of another link-map namespace: it cannot find them by name. */
struct cc_hook_functions {
	int (*frame)(unsigned depth, struct cc_hook_frame *frame);
	int (*count_moments)(void);
	int (*moment)(struct cc_hook_moment *moment);
	int (*variable)(unsigned depth, const char *name, struct cc_hook_value *value);
	int (*element)(const struct cc_hook_value *container, size_t index,
		       struct cc_hook_value *key, struct cc_hook_value *element);
	int (*argument)(unsigned number, const char **name, struct cc_hook_value *value);
	int (*result)(struct cc_hook_value *value, int *error);
	void (*fail)(const char *text); /* as cc_complain */
	int (*past)(void);
	pid_t (*process)(void);
	const char *(*prefix)(void);
};
extern const struct cc_hook_functions cc_hooks_in_namespace;

/* hook-values.c: the host call that hooks are being told of. */
void cc_hooks_call_begin(const struct cc_hostcall *call, const uint64_t *args);
void cc_hooks_call_result(const uint32_t *before, int64_t ret, int error);
void cc_hooks_call_end(void);
/* An argument that is a vector of strings. */
int cc_hooks_is_strings(const struct cc_hook_value *value);
int cc_hooks_string(const struct cc_hook_value *value, size_t index, struct cc_hook_value *key,
		    struct cc_hook_value *element);
/* `length` bytes: TEXT if they are UTF-8, else BYTES. A copy, as the event lasts. */
void cc_hooks_set_bytes(struct cc_hook_value *value, const void *bytes, size_t length);

#pragma GCC visibility pop

#endif
