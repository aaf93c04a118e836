/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a past run did to the world: files opened, read, written, removed; connections; programs
 * started; and the line of the program that did it.
 *
 *   cc-perl-replay --hook audit slice.plog
 *
 * Options: out=FILE (audit.txt).
 */
#include <crosscut/hooks.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "options.h"

#define DESCRIPTORS 1024

/* The effects of calls that are told; they are words for people, too. */
static const char *const told[] = {
	"open",		  "create",  "list",  "remove",	  "remove_directory",
	"make_directory", "rename",  "link",  "truncate", "change_mode",
	"change_owner",	  "connect", "bind",  "look_up",  "execute",
	"start",	  "fork",    "vfork", "signal",
};

static struct {
	struct output out;
	struct descriptor {
		char *name;
		unsigned long long read, written;
		int inherited; /* from who forked this process */
	} open[DESCRIPTORS];
	int in_fork; /* the process begins in a fork, which is not over: it was its parent's act */
} audit;

static int is_told(const char *effect)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		if (!strcmp(told[i], effect))
			return 1;
	return 0;
}

static void write_address(const struct cc_hook_value *value)
{
	const struct sockaddr *address = (const struct sockaddr *)value->text;
	char text[INET6_ADDRSTRLEN] = "?";

	if (value->length >= sizeof(struct sockaddr_in) && address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text,
			  sizeof(text));
		fprintf(audit.out.file, " %s:%u", text,
			ntohs(((const struct sockaddr_in *)address)->sin_port));
	} else if (value->length >= sizeof(struct sockaddr_in6) && address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text,
			  sizeof(text));
		fprintf(audit.out.file, " [%s]:%u", text,
			ntohs(((const struct sockaddr_in6 *)address)->sin6_port));
	} else if (value->length > 2 && address->sa_family == AF_UNIX) {
		fprintf(audit.out.file, " %.*s", (int)value->length - 2,
			((const struct sockaddr_un *)address)->sun_path);
	} else {
		fprintf(audit.out.file, " an address");
	}
}

static void write_argument(const char *name)
{
	struct cc_hook_value value, key, element;
	char text[400];

	if (!name || cc_hook_argument_named(name, &value))
		return;
	if (!strcmp(name, "addr")) {
		write_address(&value);
	} else if (!strcmp(name, "argv")) {
		for (size_t i = 1; !cc_hook_element(&value, i, &key, &element); i++) {
			cc_hook_print(&element, text, sizeof(text));
			fprintf(audit.out.file, " %s", text);
		}
	} else {
		cc_hook_print(&value, text, sizeof(text));
		fprintf(audit.out.file, " %s", text);
	}
}

static void write_place(void)
{
	struct cc_hook_frame frame;

	write_now(audit.out.file);
	if (cc_hook_frame(0, &frame))
		fprintf(audit.out.file, "-: ");
	else
		fprintf(audit.out.file, "%s:%u%s%s: ", frame.file, frame.line,
			*frame.sub ? " " : "", frame.sub);
}

static void write_mode(void)
{
	struct cc_hook_value flags;

	if (cc_hook_argument_named("flags", &flags))
		return;
	fprintf(audit.out.file, " to %s%s",
		(flags.integer & O_ACCMODE) == O_RDONLY	  ? "read"
		: (flags.integer & O_ACCMODE) == O_WRONLY ? "write"
							  : "read and write",
		flags.integer & O_APPEND  ? " at its end"
		: flags.integer & O_TRUNC ? ", emptied"
					  : "");
}

static void write_failure(int error)
{
	if (error)
		fprintf(audit.out.file, " failed: %s", strerror(error));
	fputc('\n', audit.out.file);
}

static struct descriptor *descriptor(int64_t number)
{
	return number >= 0 && number < DESCRIPTORS ? &audit.open[number] : NULL;
}

/* From here on what is read and written there is counted. */
static void opened(int64_t number, const char *argument)
{
	struct descriptor *file = descriptor(number);
	struct cc_hook_value value;

	if (!file || cc_hook_argument_named(argument, &value))
		return;
	free(file->name);
	*file = (struct descriptor){.name = malloc(400)};
	cc_hook_print(&value, file->name, 400);
}

static void closed(struct descriptor *file)
{
	if (!file || !file->name)
		return;
	if (!cc_hook_past()) {
		write_place();
		fprintf(audit.out.file, "close %s: %llu bytes read, %llu written\n", file->name,
			file->read, file->written);
	}
	free(file->name);
	file->name = NULL;
}

/* "remove_directory" in two words, and what was removed. */
static void write_effect(const char *effect, const char *const *arguments)
{
	write_place();
	for (; *effect; effect++)
		fputc(*effect == '_' ? ' ' : *effect, audit.out.file);
	for (int i = 0; i < 3 && arguments[i]; i++)
		write_argument(arguments[i]);
}

/* It is not told by itself: what was read and written is, when the file is closed. */
static void counted(const char *effect, const char *argument)
{
	struct cc_hook_value result, fd;
	struct descriptor *file;
	int error;

	if (!argument || strcmp(argument, "fd") || cc_hook_argument_named(argument, &fd) ||
	    cc_hook_result(&result, &error))
		return;
	file = descriptor(fd.integer);
	if (!strcmp(effect, "close"))
		closed(file);
	else if (file && result.integer > 0 && !strcmp(effect, "input"))
		file->read += (unsigned long long)result.integer;
	else if (file && result.integer > 0 && !strcmp(effect, "output"))
		file->written += (unsigned long long)result.integer;
}

/* The effect, what it concerns, and how it ended; in a forked child, if it is the child's own. */
static void write_own(const char *effect, const char *const *arguments, int error)
{
	int forks = !strcmp(effect, "fork") || !strcmp(effect, "vfork");

	if (cc_hook_past())
		return;
	if (forks && audit.in_fork) {
		audit.in_fork = 0;
		return;
	}
	write_effect(forks ? "fork" : effect, arguments);
	if (!strcmp(effect, "open"))
		write_mode();
	write_failure(error);
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	const char *effect, *arguments[3];
	struct cc_hook_value result, fd;
	int error = 0;

	for (unsigned i = 0; !cc_hook_effect(i, &effect, arguments); i++) {
		if (!is_told(effect)) {
			counted(effect, arguments[0]);
			continue;
		}
		if (cc_hook_result(&result, &error))
			continue;
		write_own(effect, arguments, error);
		if (!error && (!strcmp(effect, "open") || !strcmp(effect, "create")))
			opened(result.integer, arguments[0]);
		else if (!strcmp(effect, "connect") && !cc_hook_argument_named("fd", &fd))
			opened(fd.integer, "fd");
	}
}

/* What does not return. */
static void host_call(void *data, const char *name, uint64_t ordinal)
{
	const char *effect, *arguments[3];

	for (unsigned i = 0; !cc_hook_effect(i, &effect, arguments); i++) {
		if (strcmp(effect, "execute") || cc_hook_past())
			continue;
		write_effect(effect, arguments);
		fputc('\n', audit.out.file);
	}
}

/* Files that are open in the fork are known by their names; what was done with them is forgotten.
 */
static void forked(void *data, pid_t process)
{
	audit.in_fork = 1;
	for (int i = 0; i < DESCRIPTORS; i++) {
		audit.open[i].read = audit.open[i].written = 0;
		audit.open[i].inherited = audit.open[i].name != NULL;
	}
}

static void end(void *data, int status)
{
	for (int i = 0; i < DESCRIPTORS; i++)
		if (!audit.open[i].inherited || audit.open[i].read || audit.open[i].written)
			closed(&audit.open[i]);
	write_now(audit.out.file);
	fprintf(audit.out.file, "end with status %d\n", status);
	close_output(&audit.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	if (!options_known("audit", hook->arguments, "out "))
		return -1;
	if (open_output(&audit.out, "audit", option(hook->arguments, "out", "audit.txt")))
		return -1;
	cc_hook_count_moments();
	hook->host_call = host_call;
	hook->host_called = host_called;
	hook->forked = forked;
	hook->end = end;
	return 0;
}
