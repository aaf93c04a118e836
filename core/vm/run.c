/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/job.h"
#include "core/vm/limits.h"

#define POLL_MS 10
#define SAMPLE_SECONDS 0.5 /* between questions for the instruction count */
#define STALL_SECONDS 30   /* without progress, counted in samples: a suspended host is no stall */

struct watch {
	struct cc_run *run;
	struct cc_machine machine;
	off_t shown[2];	    /* of stdout and stderr */
	off_t control_size; /* when it was parsed last */
	double next_sample;
	uint64_t progress;    /* a sum that changes when anything moves */
	int stalled, allowed; /* samples */
	int recording;
	int commands;  /* to the guest; -1: none can be given */
	double until;  /* the recording's timeout; 0: none */
	int passed_on; /* the first SIGINT was */
	int ending;    /* samples since the guest was told to end; 0: it was not */
};

/* ---- the control port ---- */

static void parse_line(struct cc_report *report, const char *line)
{
	unsigned long long bytes[3];
	int number;

	if (!strcmp(line, "start")) {
		report->started = 1;
	} else if (sscanf(line, "exit %d", &number) == 1) {
		report->status = number & 255;
	} else if (sscanf(line, "signal %d", &number) == 1) {
		report->signal = number & 127;
		report->status = 128 + report->signal;
	} else if (sscanf(line, "noexec %d", &number) == 1) {
		report->noexec = number;
	} else if (sscanf(line, "bytes %llu %llu %llu", bytes, bytes + 1, bytes + 2) == 3) {
		for (int i = 0; i < 3; i++)
			report->bytes[i] = bytes[i];
	} else if (sscanf(line, "cut %d", &number) == 1) {
		report->cut = 1;
		report->status = number & 255;
	} else if (!strncmp(line, "fatal ", 6)) {
		snprintf(report->fatal, sizeof(report->fatal), "%s", line + 6);
	} else if (!strcmp(line, "end")) {
		report->ended = 1;
	}
}

static off_t size_of(const struct cc_run *run, const char *name)
{
	char *path = cc_format("%s/%s", run->directory, name);
	struct stat status;
	off_t size = stat(path, &status) ? 0 : status.st_size;

	free(path);
	return size;
}

static void look_at_control(struct watch *watch)
{
	struct cc_run *run = watch->run;
	off_t size = size_of(run, CC_CONTROL_FILE);
	char *path, *text, *rest, *newline;

	if (size == watch->control_size)
		return;
	path = cc_format("%s/" CC_CONTROL_FILE, run->directory);
	text = cc_read_file(path, 1 << 20, NULL, NULL);
	free(path);
	run->report = (struct cc_report){.status = -1};
	for (rest = text; rest && (newline = strchr(rest, '\n')); rest = newline + 1) {
		*newline = 0;
		parse_line(&run->report, rest);
	}
	watch->control_size = text ? size : 0;
	free(text);
}

/* ---- commands to the guest ---- */

/* QEMU opens the FIFO to read, and waits for a writer: it is open on our side before. */
static int open_commands(struct watch *watch, struct cc_error *error)
{
	char *path = cc_format("%s/" CC_COMMANDS_FILE, watch->run->directory);
	int status = 0;

	if (mkfifo(path, 0600) || (watch->commands = open(path, O_RDWR | O_CLOEXEC)) < 0)
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	free(path);
	return status;
}

static void give(struct watch *watch, char command, int number)
{
	char *line = cc_format("%c%d\n", command, number);

	(void)!write(watch->commands, line, strlen(line)); /* far less than a FIFO takes */
	free(line);
}

/* What timeout(1) and a shell make of it. */
static void end_recording(struct watch *watch, const char *why, int status)
{
	snprintf(watch->run->ended_by, sizeof(watch->run->ended_by), "%s", why);
	watch->ending = 1;
	give(watch, CC_COMMAND_END, status);
}

static void report_passed_on(const struct cc_run *run)
{
	if (run->notice)
		run->notice(
			"SIGINT was passed on to the command; once more ends the recording there");
}

static int interrupt(struct watch *watch, int signal, struct cc_error *error)
{
	struct cc_run *run = watch->run;
	char name[16];

	if (!run->keeps || !run->report.started || watch->ending)
		return cc_fail(error, CC_EUSAGE, "interrupted by SIG%s", sigabbrev_np(signal));
	*run->interrupted = 0;
	if (run->report.ended) /* it is over already */
		return 0;
	if (signal == SIGINT && !watch->passed_on) {
		watch->passed_on = 1;
		give(watch, CC_COMMAND_SIGNAL, SIGINT);
		report_passed_on(run);
		return 0;
	}
	snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(signal));
	end_recording(watch, name, 128 + signal);
	return 0;
}

static void look_at_time(struct watch *watch)
{
	const struct cc_run *run = watch->run;

	if (!watch->until && run->timeout && run->report.started)
		watch->until = cc_seconds() + run->timeout;
	if (watch->until && cc_seconds() >= watch->until && !watch->ending && !run->report.ended)
		end_recording(watch, "timeout", 124);
}

/* ---- output, as it comes ---- */

static int pass_on(struct watch *watch, int which, struct cc_error *error)
{
	static const char *const names[] = {CC_STDOUT_FILE, CC_STDERR_FILE};
	int to = watch->run->output[which], from, status = 0;
	char *path, chunk[65536];
	ssize_t n;

	if (to < 0 || size_of(watch->run, names[which]) <= watch->shown[which])
		return 0;
	path = cc_format("%s/%s", watch->run->directory, names[which]);
	from = open(path, O_RDONLY | O_CLOEXEC);
	while (!status && (n = pread(from, chunk, sizeof(chunk), watch->shown[which])) > 0) {
		watch->shown[which] += n;
		if (watch->run->passing)
			watch->run->passing(watch->run->context, which, chunk, (size_t)n);
		status = cc_write_all(to, chunk, n, "output", error);
	}
	if (status) { /* its reader is gone, or the disk is full: the run goes on without */
		watch->run->unwritten[which] = errno == EPIPE ? 0 : errno;
		watch->run->output[which] = -1;
		status = 0;
	}
	if (from >= 0)
		close(from);
	free(path);
	return status;
}

static int pass_all_on(struct watch *watch, struct cc_error *error)
{
	int status = pass_on(watch, 0, error);

	return status ? status : pass_on(watch, 1, error);
}

/* ---- progress ---- */

static int stall_limit(void)
{
	const char *text = getenv("CROSSCUT_WATCHDOG");
	int seconds = text ? atoi(text) : 0;

	return (seconds > 0 ? seconds : STALL_SECONDS) / SAMPLE_SECONDS;
}

/* Processor time of QEMU, in ms: what counts once the guest has ended. */
static uint64_t processor_time(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return used.tv_sec * UINT64_C(1000) + used.tv_nsec / 1000000;
}

/*
 * A replay must get on in instructions. A recording may rightly stand still (the command sleeps),
 * but then QEMU still answers.
 */
static void take_answers(struct watch *watch, int *answered)
{
	json_t *answer;

	while ((answer = cc_qmp_receive(&watch->machine.qmp, 0))) {
		json_t *count = json_object_get(json_object_get(answer, "return"), "icount");

		if (json_is_integer(count) &&
		    (uint64_t)json_integer_value(count) > watch->run->base->instructions)
			watch->run->instructions =
				json_integer_value(count) - watch->run->base->instructions;
		*answered = 1;
		json_decref(answer);
	}
}

static int disk_full(struct cc_run *run, struct cc_error *error)
{
	run->full = 1;
	return cc_fail_full(error, run->directory, "TMPDIR");
}

/* QEMU waits without end for room for the guest's output. */
static int check_space(struct cc_run *run, struct cc_error *error)
{
	return cc_space_full(run->directory) ? disk_full(run, error) : 0;
}

static int sample(struct watch *watch, struct cc_error *error)
{
	struct cc_run *run = watch->run;
	int answered = 0, moved;
	uint64_t progress;

	take_answers(watch, &answered);
	cc_qmp_send(&watch->machine.qmp, "query-replay", NULL);
	progress = run->instructions + size_of(run, CC_STDOUT_FILE) + size_of(run, CC_STDERR_FILE) +
		   size_of(run, CC_PULL_FILE) + size_of(run, CC_CONTROL_FILE);
	if (run->report.ended)
		progress += processor_time(watch->machine.pid);
	moved = progress != watch->progress;
	if (watch->recording && run->report.started && !run->report.ended)
		moved |= answered;
	else if (watch->recording && !run->report.started)
		moved = 0; /* it idles, waiting for its job: that takes a moment only */
	watch->progress = progress;
	watch->stalled = moved ? 0 : watch->stalled + 1;
	if (watch->ending && !run->report.ended && watch->ending++ > watch->allowed)
		return cc_fail(error, CC_ETIMEOUT,
			       "the guest was to end the recording (%s), and does not answer",
			       run->ended_by);
	if (watch->stalled < watch->allowed)
		return check_space(run, error);
	return cc_fail(error, CC_ETIMEOUT,
		       "QEMU makes no progress any more (stopped after %llu instructions, %.0f s "
		       "without one)",
		       (unsigned long long)run->instructions, watch->stalled * SAMPLE_SECONDS);
}

static int step(struct watch *watch, struct cc_error *error)
{
	struct cc_run *run = watch->run;
	int status = pass_all_on(watch, error);

	look_at_control(watch);
	if (!status && run->interrupted && *run->interrupted)
		status = interrupt(watch, *run->interrupted, error);
	look_at_time(watch);
	if (!status && cc_seconds() >= watch->next_sample) {
		watch->next_sample = cc_seconds() + SAMPLE_SECONDS;
		status = sample(watch, error);
	}
	if (!status && run->asked > 0)
		run->answer(run->context, run->asked);
	if (!status && run->tick)
		status = run->tick(run->context, run->instructions, error);
	return status;
}

/* ---- the end ---- */

static int check_bytes(struct cc_run *run, struct cc_error *error)
{
	static const char *const names[3] = {CC_STDOUT_FILE, CC_STDERR_FILE, CC_PULL_FILE};

	for (int i = 0; i < 3; i++)
		if ((uint64_t)size_of(run, names[i]) != run->report.bytes[i])
			return disk_full(run, error);
	return 0;
}

static int complained_of_writing(const struct cc_machine *machine)
{
	char *path = cc_format("%s/" CC_COMPLAINTS_FILE, machine->directory);
	char *text = cc_read_file(path, 64 << 20, NULL, NULL);
	int found = text && strstr(text, "replay write error") != NULL;

	free(text);
	free(path);
	return found;
}

/* QEMU has ended by itself. */
static int judge(struct watch *watch, struct cc_error *error)
{
	struct cc_run *run = watch->run;

	if (complained_of_writing(&watch->machine) ||
	    (!run->report.ended && cc_space_full(run->directory)))
		return disk_full(run, error);
	if (*run->report.fatal)
		return cc_fail(error, CC_EIO, "the guest gave up: %s", run->report.fatal);
	if (!run->report.ended)
		return cc_machine_failed(&watch->machine,
					 watch->recording ? "recording" : "replaying", error);
	return check_bytes(run, error);
}

/* ---- what QEMU is held to ---- */

#define PATHS_MAX 24

struct held {
	const char *readable[PATHS_MAX], *writable[PATHS_MAX];
	char *owned[PATHS_MAX];
	size_t read_count, written_count, owned_count;
	struct cc_fence fence;
};

static void let_read(struct held *held, char *owned)
{
	if (held->read_count + 1 >= PATHS_MAX)
		abort();
	held->readable[held->read_count++] = held->owned[held->owned_count++] = owned;
}

/* One that is no package's has its libraries and its firmware beside it. */
static void let_read_qemu(struct held *held)
{
	static const char *const parts[] = {"lib", "lib64", "share/qemu", "share/qemu-firmware",
					    "share/seabios"};
	char *path = NULL, *real, *slash;

	if (cc_machine_program(&path, NULL))
		return;
	real = realpath(path, NULL);
	free(path);
	if (!real || !strncmp(real, "/usr/", 5)) {
		free(real);
		return;
	}
	let_read(held, cc_copy(real));
	for (int i = 0; i < 2 && (slash = strrchr(real, '/')); i++)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		let_read(held, cc_format("%s/%s", real, parts[i]));
	free(real);
}

static void hold(struct held *held, const struct cc_run *run)
{
	*held = (struct held){.read_count = 0};
	for (size_t i = 0; cc_base_images[i].name; i++)
		let_read(held, cc_base_path(run->base, cc_base_images[i].name));
	let_read(held, cc_copy(run->drive));
	let_read(held, cc_copy(run->rr_file));
	let_read_qemu(held);
	for (size_t i = 0; run->readable && run->readable[i]; i++)
		let_read(held, cc_copy(run->readable[i]));
	held->writable[held->written_count++] = run->directory;
	for (size_t i = 0; run->writable && run->writable[i]; i++) {
		if (held->written_count + 1 >= PATHS_MAX)
			abort();
		held->writable[held->written_count++] = run->writable[i];
	}
	held->fence = (struct cc_fence){.readable = held->readable, .writable = held->writable};
}

static void let_go(struct held *held)
{
	for (size_t i = 0; i < held->owned_count; i++)
		free(held->owned[i]);
}

/* ---- from the beginning to the end ---- */

int cc_run_machine(struct cc_run *run, struct cc_error *error)
{
	char *ram = cc_base_path(run->base, "ram"), *state = cc_base_path(run->base, "state");
	struct cc_machine_options options = {
		.directory = run->directory,
		.drive = run->drive,
		.ram = ram,
		.state = state,
		.ram_bytes = run->base->ram_bytes,
		.rr = run->rr,
		.rr_file = run->rr_file,
		.plugins = run->plugins,
		.keep = run->keep,
		.keep_count = run->keep_count,
		.stderr_fd = run->stderr_fd,
	};
	struct watch watch = {
		.run = run,
		.allowed = stall_limit(),
		.recording = !run->rr || strcmp(run->rr, "replay"),
		.commands = -1,
	};
	struct held held = {.owned_count = 0};
	double start = cc_seconds();
	int status = 0;

	run->report = (struct cc_report){.status = -1};
	run->instructions = 0;
	*run->ended_by = 0;
	watch.next_sample = start + SAMPLE_SECONDS;
	if (run->keeps)
		status = open_commands(&watch, error);
	options.commands = run->keeps;
	if (!watch.recording) {
		hold(&held, run);
		options.fence = &held.fence;
	}
	if (!status)
		status = cc_machine_start(&watch.machine, &options, error);
	while (!status &&
	       cc_machine_alive(&watch.machine, POLL_MS, run->asked > 0 ? run->asked : -1))
		status = step(&watch, error);
	if (!status) {
		look_at_control(&watch);
		status = pass_all_on(&watch, error);
	}
	if (!status)
		status = judge(&watch, error);
	if (!run->report.cut)
		*run->ended_by = 0;
	cc_machine_stop(&watch.machine);
	if (watch.commands >= 0)
		close(watch.commands);
	run->seconds = cc_seconds() - start;
	let_go(&held);
	free(ram);
	free(state);
	return status;
}
