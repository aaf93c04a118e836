/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a past run did to the world: files opened, read, written, removed; connections; programs started; and
 * the line of the program that did it.
 *   cc-perl-replay --hook audit slice.plog
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

/* What is told of a call: a word, and the arguments by name. */
static const struct row {
	const char *name, *word, *one, *other;
} rows[] = {
	{"open64", "open", "path", NULL}, {"openat64", "open", "path", NULL}, {"creat64", "create", "path", NULL},
	{"fopen64", "open", "path", "mode"}, {"freopen64", "open", "path", "mode"},
	{"opendir", "list", "path", NULL}, {"unlink", "remove", "path", NULL},
	{"unlinkat", "remove", "path", NULL}, {"rmdir", "remove directory", "path", NULL},
	{"mkdir", "make directory", "path", NULL}, {"rename", "rename", "from", "to"},
	{"renameat", "rename", "from", "to"}, {"link", "link", "from", "to"},
	{"symlink", "link", "target", "path"}, {"truncate64", "truncate", "path", NULL},
	{"chmod", "change mode", "path", NULL}, {"chown", "change owner", "path", NULL},
	{"connect", "connect", "addr", NULL}, {"bind", "bind", "addr", NULL},
	{"getaddrinfo", "look up", "node", "service"}, {"gethostbyname", "look up", "name", NULL},
	{"execve", "execute", "path", "argv"}, {"execv", "execute", "path", "argv"},
	{"execvp", "execute", "file", "argv"}, {"posix_spawn", "start", "path", "argv"},
	{"posix_spawnp", "start", "file", "argv"}, {"popen", "start", "command", "mode"},
	{"system", "start", "command", NULL}, {"fork", "fork", NULL, NULL}, {"vfork", "fork", NULL, NULL},
	{"kill", "signal", "pid", "signal"},
};

static struct {
	FILE *out;
	struct descriptor {
		char *name;
		unsigned long long read, written;
	} open[DESCRIPTORS];
} audit;

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void write_address(const struct cc_hook_value *value)
{
	const struct sockaddr *address = (const struct sockaddr *)value->text;
	char text[INET6_ADDRSTRLEN] = "?";

	if (value->length >= sizeof(struct sockaddr_in) && address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof(text));
		fprintf(audit.out, " %s:%u", text, ntohs(((const struct sockaddr_in *)address)->sin_port));
	} else if (value->length >= sizeof(struct sockaddr_in6) && address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof(text));
		fprintf(audit.out, " [%s]:%u", text, ntohs(((const struct sockaddr_in6 *)address)->sin6_port));
	} else if (value->length > 2 && address->sa_family == AF_UNIX) {
		fprintf(audit.out, " %.*s", (int)value->length - 2, ((const struct sockaddr_un *)address)->sun_path);
	} else {
		fprintf(audit.out, " an address");
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
			fprintf(audit.out, " %s", text);
		}
	} else {
		cc_hook_print(&value, text, sizeof(text));
		fprintf(audit.out, " %s", text);
	}
}

static void write_place(void)
{
	struct cc_hook_frame frame;

	if (cc_hook_frame(0, &frame))
		fprintf(audit.out, "-: ");
	else
		fprintf(audit.out, "%s:%u%s%s: ", frame.file, frame.line, *frame.sub ? " " : "", frame.sub);
}

static void write_mode(void)
{
	struct cc_hook_value flags;

	if (cc_hook_argument_named("flags", &flags))
		return;
	fprintf(audit.out, " to %s%s", (flags.integer & O_ACCMODE) == O_RDONLY ? "read" :
		(flags.integer & O_ACCMODE) == O_WRONLY ? "write" : "read and write",
		flags.integer & O_APPEND ? " at its end" : flags.integer & O_TRUNC ? ", emptied" : "");
}

static void write_failure(int error)
{
	if (error)
		fprintf(audit.out, " failed: %s", strerror(error));
	fputc('\n', audit.out);
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
	write_place();
	fprintf(audit.out, "close %s: %llu bytes read, %llu written\n", file->name, file->read, file->written);
	free(file->name);
	file->name = NULL;
}

static int is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names != NULL;
}

static void moved(const char *name, struct descriptor *file, const struct cc_hook_value *result)
{
	static const char *const reads[] = {"read", "pread64", "readv", "recv", "recvfrom", "recvmsg", NULL};
	static const char *const writes[] = {"write", "pwrite64", "writev", "send", "sendto", "sendmsg", NULL};

	if (!strcmp(name, "close"))
		closed(file);
	else if (file && result->integer > 0 && is_one_of(name, reads))
		file->read += (unsigned long long)result->integer;
	else if (file && result->integer > 0 && is_one_of(name, writes))
		file->written += (unsigned long long)result->integer;
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	const struct row *row = row_of(name);
	struct cc_hook_value result, fd = {0};
	int error = 0, has_fd = !cc_hook_argument_named("fd", &fd);

	if (cc_hook_result(&result, &error))
		return;
	if (!row) {
		if (has_fd)
			moved(name, descriptor(fd.integer), &result);
		return;
	}
	write_place();
	fputs(row->word, audit.out);
	write_argument(row->one);
	write_argument(row->other);
	if (!strcmp(row->word, "open"))
		write_mode();
	write_failure(error);
	if (!error && !strncmp(name, "open", 4) && strcmp(name, "opendir"))
		opened(result.integer, "path");
	else if (!strcmp(name, "connect"))
		opened(fd.integer, "fd");
}

/* What does not return. */
static void host_call(void *data, const char *name, uint64_t ordinal)
{
	const struct row *row = strncmp(name, "exec", 4) ? NULL : row_of(name);

	if (!row)
		return;
	write_place();
	fputs(row->word, audit.out);
	write_argument(row->one);
	write_argument(row->other);
	fputc('\n', audit.out);
}

static void end(void *data, int status)
{
	for (int i = 0; i < DESCRIPTORS; i++)
		closed(&audit.open[i]);
	fprintf(audit.out, "end with status %d\n", status);
	fclose(audit.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	audit.out = open_output(option(hook->arguments, "out", "audit.txt"));
	if (!audit.out)
		return -1;
	hook->host_call = host_call;
	hook->host_called = host_called;
	hook->end = end;
	return 0;
}
