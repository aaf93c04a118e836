/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot is two files: the guest's memory, which QEMU maps privately in every run (nothing is
 * read ahead, and runs side by side share it), and the state of its devices, a migration stream
 * without memory.
 */
#include "core/vm/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/job.h"
#include "core/vm/machine.h"
#include "logs/text.h"

#define BOOT_SECONDS 300 /* 9 s are usual; hosts differ */
#define MIGRATE_SECONDS 120
#define STATE_MAX (64u << 20)

/* ---- the migration stream ---- */

/*
 * QEMU leaves memory out of a stream only when the capability x-ignore-shared is set, and the
 * capability can be set only by QMP. But a replay must load its state before QEMU's main loop does
 * anything else (-incoming file:), or what the loop does meanwhile is at odds with the rr log. So
 * the stream is made with the capability and loaded without it. Two things then have to go: the
 * subsection that names the capability, and a 64-bit address behind the length of each block in
 * the list of memory blocks. All numbers are big-endian.
 *
 *   "QEVM", version u32
 *   0x07, u32 + machine type, 0x05, u8 + "configuration/capabilities", version u32, count u32,
 *         count times: u8 + capability                                <- all from 0x05 on goes
 *   0x01, section u32, u8 + "ram", instance u32, version u32, total | 4 u64,
 *         until the lengths make up the total: u8 + name, length u64, address u64  <- this goes
 *   the rest of the stream
 */
struct edit {
	char *data;
	size_t length, from, to; /* from: next to be read; to: next to be written */
	int bad;
};

static const char *take(struct edit *edit, size_t length, int keep)
{
	const char *at = edit->data + edit->from;

	if (edit->bad || length > edit->length - edit->from) {
		edit->bad = 1;
		return NULL;
	}
	edit->from += length;
	if (!keep)
		return at;
	memmove(edit->data + edit->to, at, length);
	edit->to += length;
	return edit->data + edit->to - length;
}

static uint64_t take_number(struct edit *edit, size_t size, int keep)
{
	const unsigned char *at = (const unsigned char *)take(edit, size, keep);
	uint64_t value = 0;

	for (size_t i = 0; at && i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static void expect(struct edit *edit, const void *bytes, size_t length, int keep)
{
	const char *at = take(edit, length, keep);

	if (!at || memcmp(at, bytes, length))
		edit->bad = 1;
}

static void cut_capabilities(struct edit *edit)
{
	expect(edit,
	       "\x05\x1a"
	       "configuration/capabilities",
	       28, 0);
	take_number(edit, 4, 0);
	for (uint64_t count = take_number(edit, 4, 0); count && !edit->bad; count--)
		take(edit, take_number(edit, 1, 0), 0);
}

static void cut_addresses(struct edit *edit)
{
	uint64_t total, sum = 0;

	expect(edit, "\x01", 1, 1);
	take_number(edit, 4, 1);
	expect(edit, "\3ram", 4, 1);
	take_number(edit, 8, 1);
	total = take_number(edit, 8, 1);
	if ((total & 4095) != 4)
		edit->bad = 1;
	for (total -= 4; sum < total && !edit->bad; take_number(edit, 8, 0)) {
		take(edit, take_number(edit, 1, 1), 1);
		sum += take_number(edit, 8, 1);
	}
	if (sum != total)
		edit->bad = 1;
}

static uint64_t get_be64(const char *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return be64toh(value);
}

static void put_be64(char *to, uint64_t value)
{
	value = htobe64(value);
	memcpy(to, &value, sizeof(value));
}

/*
 * QEMU's replay takes the difference of two instruction counts as an int, and the first one it sees
 * is from 0: a machine that resumes past 2^31 dies. So its count begins anew, and what the virtual
 * clock had comes as its bias (clock = bias + (count << shift); QEMU's system/cpu-timers.c).
 */
static int zero_icount(char *data, size_t length)
{
	static const char name[] = "\x0ctimer/icount";
	char *at = memmem(data, length, name, sizeof(name) - 1);
	uint64_t bias, icount;

	if (!at || (size_t)(data + length - at) < sizeof(name) - 1 + 4 + 16)
		return -1;
	at += sizeof(name) - 1 + 4; /* and the version */
	bias = get_be64(at);
	icount = get_be64(at + 8);
	put_be64(at, bias + (icount << CC_ICOUNT_SHIFT));
	put_be64(at + 8, 0);
	return 0;
}

static int edit_stream(char *data, size_t *length)
{
	struct edit edit = {.data = data, .length = *length};

	expect(&edit, "QEVM\0\0\0\3\7", 9, 1);
	take(&edit, take_number(&edit, 4, 1), 1);
	cut_capabilities(&edit);
	cut_addresses(&edit);
	if (edit.bad)
		return -1;
	take(&edit, edit.length - edit.from, 1);
	*length = edit.to;
	return zero_icount(data, *length);
}

static int fix_stream(const char *path, struct cc_error *error)
{
	size_t length;
	char *data = cc_read_file(path, STATE_MAX, &length, error);
	int status = data ? 0 : CC_EIO;

	if (data && edit_stream(data, &length))
		status = cc_fail(
			error, CC_EVERSION,
			"this QEMU saves machines in a form that is not known; version 10.0 works");
	if (!status)
		status = cc_write_file(path, data, length, error);
	free(data);
	return status;
}

/* ---- booting ---- */

static char *read_output(const struct cc_snapshot *snapshot, const char *name)
{
	char *path = cc_format("%s/%s", snapshot->directory, name);
	char *text = cc_read_file(path, 1 << 20, NULL, NULL);

	free(path);
	return text ? text : cc_copy("");
}

/*
 * 1 once the guest is ready, 0 before; an error when it gave up. Before it has found its ports it
 * says so on the console.
 */
static int look(const struct cc_snapshot *snapshot, struct cc_error *error)
{
	static const char *const places[] = {CC_CONTROL_FILE, CC_CONSOLE_FILE};
	int result = 0;

	for (int i = 0; i < 2 && !result; i++) {
		char *text = read_output(snapshot, places[i]), *fatal = strstr(text, "fatal ");

		if (fatal)
			result = cc_fail(error, CC_EIO, "the guest base does not boot: %.*s",
					 (int)strcspn(fatal + 6, "\r\n"), fatal + 6);
		else
			result = strstr(text, "\nready\n") != NULL;
		free(text);
	}
	return result;
}

static int wait_ready(struct cc_machine *machine, const struct cc_snapshot *snapshot,
		      struct cc_error *error)
{
	double until = cc_seconds() + BOOT_SECONDS;
	int ready = 0;

	while (!ready) {
		int alive = cc_machine_alive(machine, 50, -1);

		ready = look(snapshot, error);
		if (!alive && !ready)
			return cc_machine_failed(machine, "booting the guest base", error);
		if (cc_seconds() > until)
			return cc_fail(error, CC_ETIMEOUT,
				       "the guest base did not boot within %d seconds",
				       BOOT_SECONDS);
	}
	return ready < 0 ? ready : 0;
}

/* "symbol NAME HEX" lines. Newer kernels keep current_task in a struct at the symbol pcpu_hot. */
static int take_symbols(const struct cc_snapshot *snapshot, struct cc_vm_kernel *kernel,
			struct cc_error *error)
{
	char *text = read_output(snapshot, CC_CONTROL_FILE), *rest = text, *line;
	int status = 0, have_task = 0;

	while ((line = strsep(&rest, "\n"))) {
		unsigned long address;
		char name[64];

		if (sscanf(line, "symbol %63s %lx", name, &address) != 2)
			continue;
		if (!strcmp(name, "do_exit"))
			kernel->do_exit = address;
		if (!strcmp(name, "current_task") || !strcmp(name, "pcpu_hot")) {
			kernel->current_task = address;
			have_task = 1;
		}
	}
	if (!have_task || !kernel->do_exit)
		status = cc_fail(error, CC_EMISSING,
				 "the guest's kernel does not name current_task and do_exit");
	free(text);
	return status;
}

static int take_version(struct cc_machine *machine, struct cc_snapshot *snapshot,
			struct cc_error *error)
{
	json_t *answer = cc_qmp_ask(&machine->qmp, "query-version", NULL, error);
	int major = 0, minor = 0, micro = 0;

	if (!answer)
		return CC_EIO;
	json_unpack(answer, "{s:{s:i,s:i,s:i}}", "qemu", "major", &major, "minor", &minor, "micro",
		    &micro);
	json_decref(answer);
	snprintf(snapshot->qemu, sizeof(snapshot->qemu), "%d.%d.%d", major, minor, micro);
	if (major >= 10)
		return 0;
	return cc_fail(error, CC_EVERSION, "QEMU is version %s, but 10 is needed; run `make deps`",
		       snapshot->qemu);
}

static int save(struct cc_machine *machine, const struct cc_snapshot *snapshot,
		struct cc_error *error)
{
	double until = cc_seconds() + MIGRATE_SECONDS;
	json_t *answer;

	answer = cc_qmp_ask(&machine->qmp, "migrate-set-capabilities",
			    json_pack("{s:[{s:s,s:b}]}", "capabilities", "capability",
				      "x-ignore-shared", "state", 1),
			    error);
	json_decref(answer);
	if (!answer)
		return CC_EIO;
	/* in QEMU's working directory: QMP takes no paths that are not UTF-8 */
	answer =
		cc_qmp_ask(&machine->qmp, "migrate",
			   cc_json_pack("{s:o}", "uri",
					json_sprintf("file:%s", strrchr(snapshot->state, '/') + 1)),
			   error);
	json_decref(answer);
	while (answer && cc_seconds() < until) {
		const char *state = "";
		int done, failed;

		answer = cc_qmp_ask(&machine->qmp, "query-migrate", NULL, error);
		if (!answer)
			break;
		json_unpack(answer, "{s?:s}", "status", &state);
		done = !strcmp(state, "completed");
		failed = !strcmp(state, "failed");
		json_decref(answer);
		if (done)
			return 0;
		if (failed)
			return cc_fail(error, CC_EIO, "QEMU could not save the guest base to %s",
				       snapshot->state);
		cc_machine_alive(machine, 20, -1);
	}
	if (!answer)
		return CC_EIO;
	return cc_fail(error, CC_ETIMEOUT, "QEMU does not finish saving the guest base");
}

static int make_sparse(const char *path, uint64_t size, struct cc_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), status = 0;

	if (fd < 0 || ftruncate(fd, size))
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

static uint64_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) ? 0 : status.st_size;
}

int cc_snapshot_make(struct cc_snapshot *snapshot, struct cc_vm_kernel *kernel,
		     struct cc_error *error)
{
	char *vmlinux = cc_format("%s/vmlinux", snapshot->directory);
	char *init = cc_format("%s/init.cpio", snapshot->directory);
	struct cc_machine_options options = {
		.directory = snapshot->directory,
		.drive = snapshot->files,
		.ram = snapshot->ram,
		.ram_bytes = snapshot->ram_bytes,
		.kernel = vmlinux,
		.initrd = init,
	};
	uint64_t files_size = size_of(snapshot->files);
	struct cc_machine machine = {0};
	int status;

	/* the drive has the size that every job drive has */
	status = make_sparse(snapshot->files, CC_JOB_DRIVE_SIZE, error);
	if (!status)
		status = make_sparse(snapshot->ram, snapshot->ram_bytes, error);
	if (!status)
		status = cc_machine_start(&machine, &options, error);
	if (!status)
		status = wait_ready(&machine, snapshot, error);
	if (!status)
		status = take_symbols(snapshot, kernel, error);
	if (!status)
		status = take_version(&machine, snapshot, error);
	if (!status)
		status = save(&machine, snapshot, error);
	cc_machine_stop(&machine);
	if (truncate(snapshot->files, files_size) && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", snapshot->files, strerror(errno));
	if (!status)
		status = fix_stream(snapshot->state, error);
	free(vmlinux);
	free(init);
	return status;
}
