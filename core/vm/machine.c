/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/program.h"
#include "core/host/processor.h"
#include "core/vm/job.h"
#include "core/vm/limits.h"
#include "core/vm/vm.h"

#define QEMU "qemu-system-x86_64"
#define ARGUMENTS_MAX 128
#define PLUGINS (UINT64_C(850) << 20) /* of address space: the stage maps the base's files */

/*
 * What the guest sees. The same in the boot, in each recording and in each replay: QEMU checks some
 * of it when it loads a snapshot, and replays wrongly where it does not.
 * qemu64: without the vector extensions and string-copy hints that TCG is slow at, and without
 * RDRAND and RDSEED.
 */
static const char *const fixed[] = {"-M",
				    "pc,memory-backend=ram,usb=off,hpet=off,vmport=off",
				    "-accel",
				    "tcg",
				    "-cpu",
				    "qemu64", /* cc_machine_processor */
				    "-smp",
				    "1",
				    "-nodefaults",
				    "-no-user-config",
				    "-display",
				    "none",
				    "-no-reboot",
				    "-device",
				    "virtio-blk-pci,drive=job",
				    "-device",
				    "virtio-serial-pci",
				    "-mon",
				    "chardev=monitor,mode=control"};

/* What a program in the guest reads with CPUID: 1 (ecx, edx), 7 (ecx, ebx). */
const char cc_machine_processor[] = CC_PROCESSOR_GUEST;

/*
 * nokaslr and norandmaps: the stage finds things by address. vdso=0 makes time reads system calls.
 * The rest makes the boot quicker and the idle guest quieter.
 */
#define KERNEL_COMMAND_LINE                                                                        \
	"console=ttyS0 quiet panic=-1 nokaslr norandmaps vdso=0 nopti mitigations=off "            \
	"cryptomgr.notests=1 tsc=reliable no_timer_check init_on_alloc=0 audit=0 ipv6.disable=1 "  \
	"nowatchdog"

#define SANDBOX "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

struct arguments {
	const char *list[ARGUMENTS_MAX];
	char *owned[ARGUMENTS_MAX];
	size_t count, owned_count;
};

static void add(struct arguments *arguments, const char *argument)
{
	if (arguments->count + 1 >= ARGUMENTS_MAX)
		abort();
	arguments->list[arguments->count++] = argument;
	arguments->list[arguments->count] = NULL;
}

/* Takes over `value`. */
static void add_pair(struct arguments *arguments, const char *option, char *value)
{
	add(arguments, option);
	add(arguments, value);
	arguments->owned[arguments->owned_count++] = value;
}

static void free_arguments(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->owned_count; i++)
		free(arguments->owned[i]);
}

/* A comma ends a value in QEMU's option syntax; two stand for one. */
char *cc_machine_escape(const char *path)
{
	char *escaped = cc_allocate(2 * strlen(path) + 1), *to = escaped;

	for (; *path; path++) {
		if (*path == ',')
			*to++ = ',';
		*to++ = *path;
	}
	*to = 0;
	return escaped;
}

static void add_ports(struct arguments *arguments)
{
	static const char *const names[CC_PORT_COUNT] = CC_PORT_NAMES;
	static const char *const files[CC_PORT_COUNT] = {CC_CONTROL_FILE, CC_STDOUT_FILE,
							 CC_STDERR_FILE, CC_PULL_FILE};

	for (int i = 0; i < CC_PORT_COUNT; i++) {
		add_pair(arguments, "-chardev", cc_format("file,id=port%d,path=%s", i, files[i]));
		add_pair(arguments, "-device",
			 cc_format("virtserialport,chardev=port%d,name=%s", i, names[i]));
	}
}

static void build(struct arguments *arguments, const struct cc_machine_options *options,
		  int monitor)
{
	char *drive = cc_machine_escape(options->drive), *ram = cc_machine_escape(options->ram);
	char *rr = options->rr ? cc_machine_escape(options->rr_file) : NULL;

	add(arguments, QEMU);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		add(arguments, fixed[i]);
	/* Behind -serial, and nowhere else, does QEMU record what comes in. */
	add_pair(arguments, "-chardev",
		 cc_format("file,id=console,path=" CC_CONSOLE_FILE "%s",
			   options->commands ? ",input-path=" CC_COMMANDS_FILE : ""));
	add_pair(arguments, "-serial", cc_copy("chardev:console"));
	add_ports(arguments);
	add_pair(arguments, "-chardev", cc_format("socket,id=monitor,fd=%d", monitor));
	add_pair(arguments, "-m", cc_format("%lluM", (unsigned long long)options->ram_bytes >> 20));
	add_pair(arguments, "-object",
		 cc_format("memory-backend-file,id=ram,size=%llu,mem-path=%s,%s",
			   (unsigned long long)options->ram_bytes, ram,
			   options->state ? "share=off,readonly=on,rom=off" : "share=on"));
	add_pair(arguments, "-drive",
		 cc_format("file=%s,format=raw,if=none,id=image,readonly=on,file.locking=off",
			   drive));
	add_pair(arguments, "-drive",
		 cc_copy("driver=blkreplay,if=none,image=image,id=job,readonly=on"));
	add_pair(arguments, "-icount",
		 rr ? cc_format("shift=%d,rr=%s,rrfile=%s", CC_ICOUNT_SHIFT, options->rr, rr)
		    : cc_format("shift=%d", CC_ICOUNT_SHIFT));
	if (options->state) {
		add_pair(arguments, "-incoming", cc_format("file:%s", options->state));
	} else {
		add_pair(arguments, "-kernel", cc_copy(options->kernel));
		add_pair(arguments, "-initrd", cc_copy(options->initrd));
		add_pair(arguments, "-append", cc_copy(KERNEL_COMMAND_LINE));
	}
	if (options->fence)
		add_pair(arguments, "-sandbox", cc_copy(SANDBOX));
	for (size_t i = 0; options->plugins && options->plugins[i]; i++)
		add_pair(arguments, "-plugin", cc_copy(options->plugins[i]));
	free(drive);
	free(ram);
	free(rr);
}

/* Everything but 0 to 2, the monitor and what the caller wants kept is closed at the exec. */
static void keep_descriptors(const struct cc_machine_options *options, int monitor)
{
	syscall(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
	fcntl(monitor, F_SETFD, 0);
	for (size_t i = 0; i < options->keep_count; i++)
		fcntl(options->keep[i], F_SETFD, 0);
}

static void become_qemu(const struct arguments *arguments, const struct cc_machine_options *options,
			int monitor, pid_t parent)
{
	int null = open("/dev/null", O_RDWR), complaints = options->stderr_fd;
	struct cc_error error;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it has gone before that */
		_exit(126);
	setsid(); /* a ^C is for us; we end QEMU */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir(options->directory))
		_exit(126);
	if (complaints <= 0)
		complaints = open(CC_COMPLAINTS_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(complaints, 2);
	dup2(null, 0);
	dup2(null, 1);
	keep_descriptors(options, monitor);
	if (options->fence && cc_fence(options->fence, &error)) {
		dprintf(2, "%s\n", error.text);
		_exit(126);
	}
	execvp(arguments->list[0], (char *const *)arguments->list);
	_exit(127);
}

int cc_machine_program(char **path, struct cc_error *error)
{
	char *found = cc_find_program(QEMU, getenv("PATH"));
	int status = 0;

	if (!found)
		status =
			cc_fail(error, CC_EMISSING,
				QEMU ": not installed; run `make deps`, or install qemu-system-x86 "
				     "(10 or newer)");
	if (path && found)
		*path = found;
	else
		free(found);
	return status;
}

void cc_machine_version(char *version, size_t size)
{
	const char *const argv[] = {QEMU, "--version", NULL};
	int major, minor, micro, output = memfd_create("version", MFD_CLOEXEC);
	char text[256] = "";

	*version = '\0';
	if (output < 0)
		return;
	if (!cc_run_program(argv, -1, output, "", NULL) &&
	    pread(output, text, sizeof(text) - 1, 0) > 0 &&
	    sscanf(text, "QEMU emulator version %d.%d.%d", &major, &minor, &micro) == 3)
		snprintf(version, size, "%d.%d.%d", major, minor, micro);
	close(output);
}

int cc_machine_start(struct cc_machine *machine, const struct cc_machine_options *options,
		     struct cc_error *error)
{
	struct arguments arguments = {.count = 0};
	pid_t parent = getpid();
	int pair[2];

	*machine = (struct cc_machine){.qmp.fd = -1};
	if (cc_machine_program(NULL, error) ||
	    cc_limits_check(options->ram_bytes + (options->plugins ? PLUGINS : 0), error))
		return error ? error->status : CC_EMISSING;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return cc_fail(error, CC_EIO, "socketpair: %s", strerror(errno));
	build(&arguments, options, pair[1]);
	machine->pid = fork();
	if (!machine->pid)
		become_qemu(&arguments, options, pair[1], parent);
	free_arguments(&arguments);
	close(pair[1]);
	if (machine->pid < 0) {
		machine->pid = 0;
		close(pair[0]);
		return cc_fail(error, CC_EIO, "fork: %s", strerror(errno));
	}
	machine->directory = cc_copy(options->directory);
	cc_qmp_init(&machine->qmp, pair[0]);
	if (cc_qmp_send(&machine->qmp, "qmp_capabilities", NULL))
		return cc_fail(error, CC_EIO, QEMU ": ended at once");
	return 0;
}

int cc_machine_alive(struct cc_machine *machine, int timeout, int also)
{
	struct pollfd set[2] = {{-1, POLLIN, 0}, {also, POLLIN, 0}};
	pid_t pid;

	if (!machine->pid)
		return 0;
	set[0].fd = (int)syscall(SYS_pidfd_open, machine->pid, 0);
	poll(set, 2, timeout);
	if (set[0].fd >= 0)
		close(set[0].fd);
	pid = waitpid(machine->pid, &machine->wait_status, WNOHANG);
	if (pid == machine->pid || (pid < 0 && errno == ECHILD))
		machine->pid = 0;
	return machine->pid != 0;
}

void cc_machine_stop(struct cc_machine *machine)
{
	if (machine->pid) {
		kill(machine->pid, SIGKILL);
		while (waitpid(machine->pid, &machine->wait_status, 0) < 0 && errno == EINTR)
			;
		machine->pid = 0;
	}
	if (machine->directory)
		cc_qmp_close(&machine->qmp);
	free(machine->directory);
	machine->directory = NULL;
}

char *cc_machine_last_line(const struct cc_machine *machine, const char *file)
{
	char *path = cc_format("%s/%s", machine->directory, file), *line = NULL, *start;
	size_t length;
	char *text = cc_read_file(path, 64 << 20, &length, NULL);

	free(path);
	while (text && length && strchr("\r\n ", text[length - 1]))
		text[--length] = 0;
	if (text && length) {
		start = strrchr(text, '\n');
		line = cc_copy(start ? start + 1 : text);
	}
	free(text);
	return line;
}

int cc_machine_failed(const struct cc_machine *machine, const char *doing, struct cc_error *error)
{
	char *line = cc_machine_last_line(machine, CC_COMPLAINTS_FILE);
	int status;

	if (!line)
		line = cc_machine_last_line(machine, CC_CONSOLE_FILE);
	if (machine->pid)
		status = cc_fail(error, CC_EIO, "QEMU, while %s: %s", doing,
				 line ? line : "no message");
	else if (WIFSIGNALED(machine->wait_status))
		status = cc_fail(error, CC_EIO, "QEMU died of signal %d (%s) while %s%s%s",
				 WTERMSIG(machine->wait_status),
				 strsignal(WTERMSIG(machine->wait_status)), doing, line ? ": " : "",
				 line ? line : "");
	else if (WEXITSTATUS(machine->wait_status) == 127 && !line)
		status = cc_fail(error, CC_EMISSING, QEMU ": could not be run");
	else
		status = cc_fail(error, CC_EIO, "QEMU ended while %s: %s", doing,
				 line ? line : "it said nothing");
	free(line);
	return status;
}
