/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/hooks.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/preload/preload.h"

#define HOOKS_MAX 16

unsigned cc_hooks_count;
static struct cc_hook hooks[HOOKS_MAX];

static void load(const char *path)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	cc_hook_load_function *function = object ? (cc_hook_load_function *)dlsym(object, "cc_hook_load") : NULL;

	if (!function)
		cc_die("--hook %s: %s", path, dlerror());
	if (cc_hooks_count == HOOKS_MAX)
		cc_die("--hook %s: more than %d hooks", path, HOOKS_MAX);
	hooks[cc_hooks_count].version = CC_HOOKS_VERSION;
	if (function(&hooks[cc_hooks_count]))
		cc_die("--hook %s: it refused to load", path);
	cc_hooks_count++;
}

__attribute__((visibility("default"))) pid_t cc_hook_fork(void)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	child = _Fork();
	if (!child) {
		cc_tripwire_again();
		cc_replay_copied();
		close(ready[0]);
		close(ready[1]);
		return 0;
	}
	close(ready[1]);
	while (child > 0 && read(ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ready[0]);
	return child;
}

void cc_hooks_load(const char *paths)
{
	char *copy = strdup(paths), *rest = copy, *path;

	while ((path = strsep(&rest, "\n")))
		load(path);
	free(copy);
}

/* These in our own context. */
void cc_hooks_statement(const char *file, unsigned line)
{
	for (unsigned i = 0; i < cc_hooks_count; i++)
		if (hooks[i].statement)
			hooks[i].statement(hooks[i].data, file, line);
}

void cc_hooks_host_call(const char *name, uint64_t ordinal)
{
	for (unsigned i = 0; i < cc_hooks_count; i++)
		if (hooks[i].host_call)
			hooks[i].host_call(hooks[i].data, name, ordinal);
}

void cc_hooks_end(void)
{
	for (unsigned i = 0; i < cc_hooks_count; i++)
		if (hooks[i].end)
			hooks[i].end(hooks[i].data);
}
