/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/confine.h"
#include "core/base/memory.h"
#include "core/base/wire.h"
#include "core/debian/owners.h"
#include "core/elf/elf.h"
#include "core/host/processor.h"
#include "core/replay/options.h"
#include "logs/ahead.h"
#include "logs/trace.h"

/*
 * The kernel places mappings below the stack's limit. A larger limit than the run had moves our
 * libraries away from the addresses at which the run's memory was.
 */
#define STACK_LIMIT (16ull << 30)

#define SPACE_LEAST (64ull << 20)

static int read_start(const struct cc_launch *launch, struct cc_log_reader *reader,
		      struct cc_arena *arena, struct cc_start *start, struct cc_error *error)
{
	struct cc_record record;
	int status = cc_log_next(reader, &record, error);

	if (status >= 0 && (!status || record.type != CC_REC_START ||
			    cc_read_start(reader, &record.cursor, arena, start) < 0))
		status = cc_fail(error, CC_EFORMAT,
				 "%s: does not begin with the start of a process", launch->log);
	return status < 0 ? status : 0;
}

/* Slices that do not name their processor are from the guest that there was then. */
static const char *processor_of(const struct cc_log_reader *reader)
{
	const char *processor =
		json_string_value(json_object_get(cc_log_manifest(reader), "processor"));

	return processor ? processor : CC_PROCESSOR_GUEST;
}

/*
 * The package of the run's interpreter, as its MODULE record has it: it is among the first. To be
 * freed. The slice is opened anew, as somebody may be reading ahead in it.
 */
static char *package_of(const struct cc_launch *launch, const char *executable)
{
	struct cc_log_reader *reader = cc_log_open(launch->log, launch->kind, NULL);
	struct cc_record record;
	size_t length[3] = {0};
	char *found = NULL;

	for (int i = 0; reader && !found && i < 1000 && cc_log_next(reader, &record, NULL) > 0;
	     i++) {
		const uint8_t *path, *package;

		if (record.type != CC_REC_MODULE)
			continue;
		path = cc_get_blob(&record.cursor, &length[0]);
		cc_get_blob(&record.cursor, &length[1]);
		cc_get_u(&record.cursor);
		package = record.cursor.at < record.cursor.end
				  ? cc_get_blob(&record.cursor, &length[2])
				  : NULL;
		if (package && length[0] == strlen(executable) &&
		    !memcmp(path, executable, length[0]))
			found = cc_copy_bytes(package, length[2]);
	}
	cc_log_close(reader);
	return found ? found : cc_copy("");
}

/* A slice may name any program; our object goes in front of an interpreter only. */
static int is_interpreter(const struct cc_launch *launch, const struct cc_elf *elf)
{
	uint64_t address;

	return cc_elf_has_linker(elf) &&
	       (!launch->symbol || !cc_elf_symbol(elf, launch->symbol, &address, NULL));
}

static int other_build(const struct cc_launch *launch, const struct cc_start *start,
		       const struct cc_elf *elf, struct cc_error *error)
{
	char *package = package_of(launch, start->executable);
	int status;

	if (elf)
		status = cc_other_object(start->executable, cc_elf_build_id(elf), start->build_id,
					 package, error);
	else
		status = cc_fail(error, CC_EMISSING,
				 "%s: the run's interpreter is %s, which is not here: install "
				 "%s",
				 launch->log, start->executable,
				 *package ? package : "the package that holds it");
	free(package);
	return status;
}

static int check_interpreter(const struct cc_launch *launch, const struct cc_start *start,
			     struct cc_error *error)
{
	struct cc_elf *elf = cc_elf_open(start->executable, error);
	int status = 0;

	if (!elf && !access(start->executable, R_OK)) /* it is there: *error says what is wrong */
		return error->status;
	if (!*start->build_id)
		status = cc_fail(error, CC_EFORMAT,
				 "%s: it does not say of which build of %s it is: it is damaged, "
				 "or made to deceive",
				 launch->log, start->executable);
	else if (!elf || strcmp(start->build_id, cc_elf_build_id(elf)))
		status = other_build(launch, start, elf, error);
	else if (!is_interpreter(launch, elf))
		status = cc_fail(error, CC_EUNSUPPORTED,
				 "%s: it names %s for its interpreter, which is none: it is "
				 "damaged, or made to deceive",
				 launch->log, start->executable);
	cc_elf_close(elf);
	return status;
}

/*
 * The dynamic linker only warns of an object that it cannot load: the program would then run for
 * real. Our object needs no library that the launcher does not. The file is looked at, not loaded:
 * loading would take as long as a tenth of an interpreter's own start. LD_PRELOAD takes spaces and
 * colons for separators.
 */
static int check_object(const struct cc_launch *launch, struct cc_error *error)
{
	struct cc_elf *object;
	uint64_t address;
	int status = 0;

	if (strpbrk(launch->object, " :"))
		return cc_fail(error, CC_EUNSUPPORTED,
			       "%s: it cannot be loaded from a path with a space or "
			       "a colon in it: install Crosscut elsewhere",
			       launch->object);
	object = cc_elf_open(launch->object, error);
	if (!object || cc_elf_symbol(object, "__libc_start_main", &address, NULL))
		status = cc_fail(error, CC_EMISSING,
				 "%s: it is a part of Crosscut, and is missing or "
				 "damaged: install it again",
				 launch->object);
	cc_elf_close(object);
	return status;
}

/* Under SPACE_LEAST our object may not be mapped: the program would run for real. */
static int check_limit(const struct cc_launch *launch, struct cc_error *error)
{
	struct rlimit limit;

	if (launch->memory_bytes && launch->memory_bytes < SPACE_LEAST)
		return cc_fail(error, CC_EUSAGE,
			       "--limit-memory: a replay takes %llu kB beside what the run took",
			       SPACE_LEAST / 1024);
	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur >= SPACE_LEAST)
		return 0;
	return cc_fail(error, CC_EUNSUPPORTED,
		       "%s: the address space is limited to %llu kB here (ulimit -v): a replay "
		       "takes %llu kB beside what the run took",
		       launch->log, (unsigned long long)limit.rlim_cur / 1024, SPACE_LEAST / 1024);
}

static char *join(const char *name, const char *value)
{
	return cc_format("%s=%s", name, value);
}

/*
 * A variable that would steer our dynamic linker: its first letter is hidden until main(). What
 * tunes the C library (GLIBC_TUNABLES, MALLOC_ARENA_MAX, …) did so in the run, and does here.
 */
static char *cover(char *variable)
{
	if (strncmp(variable, "LD_", 3))
		return variable;
	variable = cc_copy(variable);
	*variable = '\1';
	return variable;
}

/*
 * The recorded environment, and behind it what our object is loaded by and the C library is tuned
 * by, as the launcher has to: the strings stand behind those of argv on the stack as they did,
 * which an interpreter may look at. The object in front takes away all from LD_PRELOAD on.
 */
static char **environment(const struct cc_launch *launch, const struct cc_start *start,
			  const char *processor)
{
	size_t count = 0, to = 0;
	char **envp;

	while (start->envp[count])
		count++;
	envp = cc_allocate_zeros(count + 3, sizeof(*envp));
	for (size_t i = 0; i < count; i++)
		envp[to++] = cover(start->envp[i]);
	envp[to++] = join("LD_PRELOAD", launch->object);
	envp[to++] = cc_processor_tunables(processor, start->envp);
	return envp;
}

/* Is code of the user's at work, too, and may copies of the program call the machine? */
static int has_company(const struct cc_launch *launch)
{
	return launch->hooks || launch->analysis || launch->prints || launch->session;
}

/* How the replay is confined (options.h); NULL: it is not. */
static const char *confinement(const struct cc_launch *launch)
{
	return !launch->allowed	     ? NULL
	       : has_company(launch) ? CC_CONFINED_GUARDED
				     : CC_CONFINED_PLAIN;
}

/*
 * A process that only replays opens files by itself, where the kernel can keep it from all others.
 */
static int needs_broker(const struct cc_launch *launch)
{
	return launch->allowed && (has_company(launch) || !cc_confine_has_files());
}

/* What keeps working in the launcher while the replay runs; NULL where there is no need of it. */
struct helpers {
	struct cc_ahead_server *ahead;
	struct cc_broker *broker;
};

/* What is asked of the replay, in a memfd that nobody can write to any more. -1 with *error. */
static int make_options(const struct cc_launch *launch, const char *log,
			const struct helpers *helpers, struct cc_error *error)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{CC_OPTION_LOG, log},
		{CC_OPTION_TOOL, launch->tool},
		{CC_OPTION_HOOKS, launch->hooks},
		{CC_OPTION_ANALYSIS, launch->analysis},
		{CC_OPTION_PRINTS, launch->prints},
		{CC_OPTION_USER, launch->user},
		{CC_OPTION_SHOW, launch->show_output ? "1" : NULL},
		{CC_OPTION_WITH_PARENT, launch->with_parent ? "1" : NULL},
		{CC_OPTION_SHOW_PROCESS, launch->show_process ? "1" : NULL},
		{CC_OPTION_SESSION, launch->session ? "1" : NULL},
		{CC_OPTION_AHEAD, helpers->ahead ? "1" : NULL},
		{CC_OPTION_CONFINED, confinement(launch)},
		{CC_OPTION_BROKER, helpers->broker ? "1" : NULL},
	};
	int fd = memfd_create("crosscut-options", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int failed = fd < 0;

	for (size_t i = 0; !failed && i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].value)
			failed = dprintf(fd, "%s=%s%c", texts[i].name, texts[i].value, 0) < 0;
	if (failed ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		cc_fail(error, CC_EIO, "%s: what is asked of the replay cannot be handed over: %s",
			launch->log, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/*
 * Descriptors get the numbers that the replay knows them by. First they are moved out of each
 * other's way.
 */
static int hand_over(const int given[CC_DESCRIPTORS])
{
	int moved[CC_DESCRIPTORS];

	for (int i = 0; i < CC_DESCRIPTORS; i++) {
		moved[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD_CLOEXEC, CC_DESCRIPTORS_END);
		if (given[i] >= 0 && moved[i] < 0) {
			errno = EMFILE; /* EINVAL where that number is not allowed at all */
			return -1;
		}
	}
	for (int i = 0; i < CC_DESCRIPTORS; i++)
		if (moved[i] >= 0 && dup2(moved[i], CC_DESCRIPTORS_FROM + i) < 0)
			return -1;
	return 0;
}

/* What a replay is started with. */
struct started {
	const struct cc_launch *launch;
	const struct cc_start *start;
	char **envp;
	int given[CC_DESCRIPTORS];
};

static void set_limits(const struct cc_launch *launch)
{
	struct rlimit stack;

	if (!getrlimit(RLIMIT_STACK, &stack)) {
		stack.rlim_cur = stack.rlim_max < STACK_LIMIT ? stack.rlim_max : STACK_LIMIT;
		setrlimit(RLIMIT_STACK, &stack);
	}
	if (launch->cpu_seconds) /* SIGXCPU, and SIGKILL for who does not mind */
		cc_confine_resource(RLIMIT_CPU, launch->cpu_seconds, launch->cpu_seconds + 1);
	if (launch->memory_bytes)
		cc_confine_resource(RLIMIT_AS, launch->memory_bytes, launch->memory_bytes);
}

static void run(const struct started *started)
{
	const char *executable = started->start->executable;
	struct cc_error error = {0};

	set_limits(started->launch);
	personality(ADDR_NO_RANDOMIZE);
	/* So no program gets rights by its file, which would make the dynamic linker pass us by. */
	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !hand_over(started->given) &&
	    (!started->launch->allowed || has_company(started->launch) ||
	     !cc_confine_calls(CC_CONFINE_LAUNCH, NULL, &error)))
		execve(executable, started->start->argv, started->envp);
	fprintf(stderr, "%s: %s: %s%s\n", started->launch->tool, executable,
		*error.text ? error.text : strerror(errno), *error.text ? ": " CC_ALLOW_HOST : "");
	_exit(125);
}

/*
 * A child, unless there is nothing to do here meanwhile: a process costs as much as what a replay
 * does before its program runs. vfork, as it has no memory to copy.
 */
static pid_t start_child(const struct started *started, int wanted)
{
	pid_t child = wanted ? vfork() : 0;

	if (!child) {
		if (wanted)
			prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever ends us ends the replay */
		run(started);
	}
	return child;
}

/* How long a replay that ^C does not reach may go on: it blocks the signal, or has left our group.
 */
#define PATIENCE 2

static volatile sig_atomic_t waited_for;

static void interrupted(int signal)
{
	alarm(PATIENCE);
}

static void lose_patience(int signal)
{
	kill((pid_t)waited_for, SIGKILL);
}

/* The run's status. */
static int wait_for(const struct cc_launch *launch, pid_t child)
{
	int status = 0;

	/* ^C ends the replay; its status is what we then give. */
	waited_for = child;
	signal(SIGALRM, lose_patience);
	signal(SIGINT, interrupted);
	signal(SIGQUIT, interrupted);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	alarm(0);
	if (launch->cpu_seconds && WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
		fprintf(stderr,
			"%s: the replay has taken %llu seconds of processor time (--limit-cpu)\n",
			launch->tool, (unsigned long long)launch->cpu_seconds);
		return 125;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * The object for the interpreter's version, "5.36" of "5.36.0". To be freed; NULL with *error.
 */
static char *object_of(const struct cc_launch *launch, const struct cc_log_reader *reader,
		       struct cc_error *error)
{
	const json_t *manifest = cc_log_manifest(reader);
	const char *version = json_string_value(json_object_get(manifest, "runtime-version"));
	const char *minor = version ? strchr(version, '.') : NULL;
	char *object;

	if (!launch->version)
		return cc_copy(launch->object);
	if (!minor || strspn(version, "0123456789.") != strlen(version))
		version = launch->version; /* slices of earlier versions of Crosscut do not say */
	minor = strchr(version, '.') + 1;
	object = cc_format("%s-%.*s.so", launch->object,
			   (int)(minor - version + (long)strcspn(minor, ".")), version);
	if (!access(object, F_OK) || !strcmp(version, launch->version))
		return object;
	free(object);
	cc_fail(error, CC_EVERSION,
		"%s: it is of version %s of the interpreter, and what replays that is not "
		"installed: this Crosscut is for %s",
		launch->log, version, launch->version);
	return NULL;
}

/* The replay's end of the broker's socket, or -1 with *error. */
static int start_broker(const struct cc_launch *launch, const char *log, struct cc_broker **broker,
			struct cc_error *error)
{
	char *object = cc_copy(launch->object), *slash = strrchr(object, '/');
	int ends[2];

	if (slash)
		*slash = '\0';
	cc_allow_reading(launch->allowed, slash ? object : ".");
	cc_allow_reading(launch->allowed, log);
	free(object);
	if (cc_wire_pair(ends)) {
		cc_fail(error, CC_EIO, "the broker of the replay gets no socket: %s",
			strerror(errno));
		return -1;
	}
	*broker = cc_broker_start(launch->tool, launch->allowed, ends[0], error);
	if (*broker)
		return ends[1];
	close(ends[0]);
	close(ends[1]);
	return -1;
}

static void end_helpers(struct helpers *helpers)
{
	cc_ahead_serve_end(helpers->ahead);
	cc_broker_end(helpers->broker);
}

/*
 * A file that was there was opened as it was named, when no descriptor was ours (/dev/fd/3); now
 * that nothing else can fail it is emptied, or made. 0, *fd is -1 where there is none; or a CC_E….
 */
static int open_prints(const struct cc_launch *launch, const char *log, int *fd,
		       struct cc_error *error)
{
	struct stat file, slice;
	int failed;

	*fd = -1;
	if (!launch->prints || !launch->prints_to)
		return 0;
	*fd = launch->prints_open;
	if (*fd >= 0 && !fstat(*fd, &file) && !stat(log, &slice) && file.st_ino == slice.st_ino &&
	    file.st_dev == slice.st_dev)
		return cc_fail(error, CC_EUSAGE, "%s: that is the slice: name another file",
			       launch->prints_option);
	if (*fd < 0) {
		*fd = open(launch->prints_to, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC,
			   0666);
		failed = *fd < 0;
	} else { /* EINVAL: nothing that can be emptied */
		failed = ftruncate(*fd, 0) && errno != EINVAL;
	}
	return failed ? cc_fail(error, CC_EIO, "%s: %s", launch->prints_option, strerror(errno))
		      : 0;
}

static pid_t start_checked(const struct cc_launch *launch, const struct cc_start *start,
			   const char *log, const struct cc_log_reader *reader,
			   struct helpers *helpers, struct cc_error *error)
{
	const struct cc_ahead_server *ahead = helpers->ahead;
	int broker = -1, prints;
	pid_t child = -1;

	if (open_prints(launch, log, &prints, error))
		return -1;
	if (needs_broker(launch)) {
		broker = start_broker(launch, log, &helpers->broker, error);
		if (broker < 0)
			return -1;
	}
	struct started started = {
		.launch = launch,
		.start = start,
		.envp = environment(launch, start, processor_of(reader)),
		.given = {make_options(launch, log, helpers, error),
			  launch->session ? launch->session : -1,
			  ahead ? cc_ahead_descriptor(ahead) : -1, broker, prints},
	};

	if (started.given[0] >= 0) {
		child = start_child(&started,
				    launch->session || ahead || broker >= 0 || launch->cpu_seconds);
		if (child < 0)
			cc_fail(error, CC_EIO, "fork: %s", strerror(errno));
		close(started.given[0]);
	}
	if (broker >= 0)
		close(broker);
	return child;
}

/* A session's processes read the slice by themselves: each from another place. */
static pid_t start(const struct cc_launch *asked, struct cc_log_reader *reader,
		   struct helpers *helpers, struct cc_error *error)
{
	struct cc_arena *arena = cc_arena_new();
	struct cc_launch launch = *asked; /* with the object that the slice needs */
	struct cc_start start;
	char *log = realpath(asked->log, NULL), *object = object_of(asked, reader, error);
	pid_t child = -1;

	launch.object = object;
	if (!log)
		cc_fail(error, CC_EIO, "%s: %s", launch.log, strerror(errno));
	else if (object && !read_start(&launch, reader, arena, &start, error)) {
		if (!launch.session)
			helpers->ahead = cc_ahead_serve(reader);
		if (!check_limit(&launch, error) && !check_interpreter(&launch, &start, error) &&
		    !check_object(&launch, error))
			child = start_checked(&launch, &start, log, reader, helpers, error);
	}
	free(object);
	free(log);
	cc_arena_free(arena);
	return child;
}

pid_t cc_launch_start(const struct cc_launch *launch, struct cc_broker **broker,
		      struct cc_error *error)
{
	struct cc_log_reader *reader = cc_log_open(launch->log, launch->kind, error);
	struct helpers helpers = {0};
	pid_t child = reader ? start(launch, reader, &helpers, error) : -1;

	cc_log_close(reader);
	*broker = helpers.broker;
	return child;
}

int cc_launch(const struct cc_launch *launch, struct cc_error *error)
{
	struct cc_log_reader *reader = cc_log_open(launch->log, launch->kind, error);
	struct helpers helpers = {0};
	pid_t child = reader ? start(launch, reader, &helpers, error) : -1;
	int status = child < 0 ? error->status : wait_for(launch, child);

	end_helpers(&helpers);
	cc_log_close(reader);
	return status;
}
