/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hook that does what might disturb a replay, at every event. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/replay/hooks.h"

static unsigned long count;
static void *kept[1024];

static void work(void)
{
	struct cc_hook_frame frame;
	struct cc_hook_value value, key, element;
	static const char *const names[] = {"$_",   "@_", "%ENV", "$0",	 "@ARGV",
					    "%INC", "$a", "self", "sys", "x"};
	void **place = &kept[++count % 1024];
	int file;

	free(*place);
	*place = malloc(count % 5000 + 1);
	errno = (int)(count % 100);
	srand((unsigned)count);
	for (unsigned depth = 0; depth < 3 && !cc_hook_frame(depth, &frame); depth++)
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (!cc_hook_variable(depth, names[i], &value))
				for (size_t j = 0; j < 20; j++)
					cc_hook_element(&value, j, &key, &element);
	if (count % 1000)
		return;
	file = open("/dev/zero", O_RDONLY);
	if (file < 0 || read(file, *place, count % 5000) < 0)
		abort();
	close(file);
	munmap(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1 << 20);
	if (chdir("/") || time(NULL) < 0)
		abort();
	umask(077);
}

static void copy(void)
{
	pid_t child = cc_hook_fork();

	if (!child)
		_exit(0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		abort();
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	work();
	if (count % 5000 == 0)
		copy();
}

static void op(void *data, const char *name)
{
	if (++count % 16 == 0)
		work();
}

static void call(void *data, const struct cc_hook_call *call)
{
	work();
}

static void left(void *data, const struct cc_hook_call *call, int unwound)
{
	work();
}

static void exception(void *data, const char *class_name, const char *text)
{
	work();
}

static void host_call(void *data, const char *name, uint64_t ordinal)
{
	struct cc_hook_value value;
	const char *argument;
	int error;

	for (unsigned i = 0; !cc_hook_argument(i, &argument, &value); i++)
		;
	cc_hook_result(&value, &error);
	work();
}

static void code(void *data, const struct cc_hook_code *code)
{
	work();
}

int cc_hook_load(struct cc_hook *hook)
{
	*hook = (struct cc_hook){.version = hook->version,
				 .arguments = hook->arguments,
				 .statement = statement,
				 .code = code,
				 .op = op,
				 .enter = call,
				 .leave = left,
				 .exception = exception,
				 .host_call = host_call,
				 .host_called = host_call};
	return 0;
}
