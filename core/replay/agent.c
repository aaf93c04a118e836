/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/stop.h"
#include "core/base/wire.h"
#include "core/replay/copy.h"
#include "core/replay/heap.h"
#include "core/replay/hooks.h"
#include "core/replay/past.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"
#include "core/replay/told.h"
#include "logs/text.h"

#define STRIDE 2000		 /* events between two looks at the clock */
#define COPY_SECONDS 10		 /* how long a condition may take */
#define BUSY_EVERY 500000000	 /* nanoseconds between two words on what is evaluated in copies */
#define COPY_MEMORY (2ull << 30) /* bytes of memory that its copy may use */

struct cc_agent cc_agent CC_STATE;

static struct {
	const struct cc_debuggee *debuggee;
	int socket; /* the controller's; -1: there is none */
	int copy;   /* this is a throwaway copy */
	int limited, last, noted;
	struct cc_moment limit; /* the first event from here on stops the program */
	struct cc_moment hit;	/* the last event noted, when `last` */
	struct cc_moment event; /* the last one before the last host call */
	json_t *found;		/* what there is to know of it, or NULL */
	/*
	 * Checkpoints: nanoseconds of processor time between two (0: none), and the last one's
	 * time.
	 */
	uint64_t every, since;
	/* When CLOCK_MONOTONIC was last read, which is faster than to ask for processor time */
	uint64_t looked;
	int due;	    /* a checkpoint, at the next event */
	int events_stopped; /* events are not counted any more */
	/* Nanoseconds that the replay had run at the last checkpoint or stop */
	uint64_t ran;
	/* Of this run: since when nothing was said of copies, and how many were made before */
	uint64_t silent_since, asked;
	uint64_t written[3], shown[3]; /* bytes of output, by stream: of this pass, and of all */
	volatile sig_atomic_t interrupted;
} agent CC_STATE = {.socket = -1};

static void obey(void);
static void stay(enum cc_stop_why why, const char *text, int status);

static uint64_t clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * How long the program has run, without what the kernel has done for it: a process that has just
 * been copied pays for each page that it writes. Counted as the program's time, that would make for
 * more copies, and those for more such work.
 */
static uint64_t time_run(void)
{
	struct rusage usage;

	if (cc_raw(SYS_getrusage, RUSAGE_SELF, (long)&usage, 0, 0, 0, 0))
		return 0;
	return (uint64_t)usage.ru_utime.tv_sec * 1000000000 +
	       (uint64_t)usage.ru_utime.tv_usec * 1000;
}

static void gone(void) __attribute__((noreturn));
static void gone(void)
{
	cc_raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	__builtin_trap();
}

static void say(json_t *message, int passed)
{
	int status = cc_wire_send(agent.socket, message, passed);

	json_decref(message);
	if (status)
		gone();
}

/* Time begins anew: of a run, or of the way to the next checkpoint. */
static void note_time(int ran)
{
	uint64_t now = time_run();

	if (ran)
		agent.ran += now - agent.since;
	agent.since = now;
}

/* Time that the machine spends on others does not count; it does not make going back slower. */
static int wants_checkpoint(void)
{
	uint64_t now;

	if (!agent.every || agent.due)
		return agent.due;
	now = clock_now(CLOCK_MONOTONIC);
	if (now - agent.looked < agent.every / 4)
		return 0;
	agent.looked = now;
	return agent.due = time_run() - agent.since >= agent.every;
}

static json_t *moment_json(struct cc_moment moment)
{
	return json_pack("[I,I]", (json_int_t)moment.calls, (json_int_t)moment.events);
}

/* ---- where the next look is due ---- */

static int is_beyond(void)
{
	return agent.limited && cc_moment_compare(cc_agent.now, agent.limit) >= 0;
}

static void rearm(void)
{
	uint64_t due = UINT64_MAX;

	if (agent.every)
		due = cc_agent.now.events + STRIDE;
	if (agent.limited && cc_agent.now.calls >= agent.limit.calls) {
		due = agent.limit.events;
		if (cc_agent.now.calls > agent.limit.calls || due <= cc_agent.now.events)
			due = cc_agent.now.events + 1;
	}
	cc_agent.due = agent.interrupted ? 0 : due;
}

void cc_agent_called(void)
{
	if (cc_agent.now.events)
		agent.event = cc_agent.now;
	cc_agent.now = (struct cc_moment){cc_calls, 0};
	if (!cc_agent.on)
		return;
	rearm();
	if (wants_checkpoint())
		cc_agent.due = 1;
	if (agent.events_stopped && agent.interrupted) /* no event will come */
		stay(CC_STOP_INTERRUPTED, NULL, 0);
}

/* ---- copies ---- */

static void set_signal(int signal, void (*handler)(int))
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {handler, 0x04000000 /* SA_RESTORER */ | SA_RESTART, cc_raw_restorer, 0};

	cc_raw(SYS_rt_sigaction, signal, (long)&action, 0, 8, 0, 0);
}

/* A fork whose copy has a socket of its own. *other is the end to give away, in the original. */
static pid_t fork_copy(int *other)
{
	int ends[2];
	pid_t pid;

	if (cc_wire_pair(ends))
		cc_die("a copy of the replay gets no socket: %s", strerror(errno));
	pid = cc_hook_fork();
	if (pid < 0)
		cc_die("the replay cannot be copied: %s", strerror(errno));
	if (pid) {
		close(ends[1]);
		*other = ends[0];
		return pid;
	}
	close(ends[0]);
	if (agent.socket >= 0)
		close(agent.socket);
	agent.socket = ends[1];
	return 0;
}

/* Makes a paused copy that waits for commands. In the copy this returns when the copy is to run. */
static void pause_copy(const char *is)
{
	int other;
	pid_t pid = fork_copy(&other);

	if (!pid) {
		obey();
		return;
	}
	say(json_pack("{s:s, s:[I,I], s:I, s:i}", "is", is, "at", (json_int_t)cc_agent.now.calls,
		      (json_int_t)cc_agent.now.events, "ran", (json_int_t)agent.ran, "pid",
		      (int)pid),
	    other);
	close(other);
}

/* In the throwaway copy: what is done here is gone afterwards. */
static void answer(const char *what, const json_t *arguments) __attribute__((noreturn));
static void answer(const char *what, const json_t *arguments)
{
	pid_t own = (pid_t)cc_raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
	json_t *result;

	agent.copy = 1;
	cc_heap_in_copy();
	cc_ops_until(CC_NEVER); /* our ops are not the run's: no signal of it is due in between */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	set_signal(SIGCHLD, SIG_DFL);
	cc_copy_become();
	cc_waits_in_copy();
	result = agent.debuggee->ask(what, arguments);
	/* What was asked has forked, and this is the child: it has no answer to give */
	if ((pid_t)cc_raw(SYS_getpid, 0, 0, 0, 0, 0, 0) != own)
		gone();
	if (!json_is_object(result))
		result = json_pack("{s:s}", "error", "there is no answer");
	json_object_set_new(result, "is", json_string("answer"));
	cc_told_add(result);
	say(result, -1);
	gone();
}

json_t *cc_agent_request(json_t *request)
{
	json_t *answered;

	say(request, -1);
	answered = cc_wire_receive(agent.socket, NULL);
	if (!answered)
		gone();
	return answered;
}

size_t cc_agent_pending(unsigned stream, size_t length)
{
	json_t *answer = cc_agent_request(json_pack("{s:s, s:i, s:I}", "request", "shown", "stream",
						    (int)stream, "bytes",
						    (json_int_t)(agent.written[stream] + length)));
	uint64_t unshown = (uint64_t)json_integer_value(json_object_get(answer, "unshown"));

	json_decref(answer);
	return unshown < length ? (size_t)unshown : length;
}

/*
 * A copy that nobody talks to. What is printed in it, and what it flushes of the program's, goes
 * nowhere; processes that it leaves behind end with it.
 */
static void withdraw(void)
{
	int null;

	cc_told_quiet();
	close_range(3, 511, 0); /* numbers of the past are not to be taken for ours */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	close(null);
	setpgid(0, 0);
}

/* Lets the user know what takes the time, where that is the evaluation in copies. */
static void tell_busy(const json_t *arguments)
{
	json_t *text = json_object_get(arguments, "expression");
	uint64_t now = clock_now(CLOCK_MONOTONIC);

	agent.asked++;
	if (agent.socket < 0 || now - agent.silent_since < BUSY_EVERY)
		return;
	agent.silent_since = now;
	say(json_pack("{s:s, s:o, s:I, s:O?, s:s?}", "is", "busy", "at", moment_json(cc_agent.now),
		      "asked", (json_int_t)agent.asked, "expression", text, "plain",
		      agent.debuggee->plain),
	    -1);
}

json_t *cc_agent_copy(const char *what, const json_t *arguments, int aloud)
{
	int socket;
	pid_t pid = fork_copy(&socket);
	json_t *result = NULL;
	int ready;

	if (!pid) {
		cc_heap_bound(COPY_MEMORY);
		if (!aloud)
			withdraw();
		answer(what, arguments);
	}
	do
		ready = cc_wire_wait(socket, COPY_SECONDS * 1000);
	while (ready < 0 && errno == EINTR && !agent.interrupted);
	if (ready > 0)
		result = cc_wire_receive(socket, NULL);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	close(socket);
	tell_busy(arguments);
	if (result) {
		cc_told_pass_on(result);
		return result;
	}
	return json_pack("{s:s}", "error",
			 ready > 0 ? "it ended the copy of the program in which it was evaluated"
				   : "it took too long");
}

/* ---- stops ---- */

/* The event before that at which the program stops, or before its end. */
static struct cc_moment previous(enum cc_stop_why why)
{
	int at_event = !cc_stop_is_over(why);
	struct cc_moment moment = cc_agent.now;

	if (moment.events <= (uint64_t)at_event)
		return agent.event;
	moment.events -= (uint64_t)at_event;
	return moment;
}

static void report_stop(enum cc_stop_why why, const char *text, int status)
{
	say(json_pack("{s:s, s:s, s:o, s:o, s:I, s:[I,I], s:[I,I], s:i, s:b, s:b, s:i, s:o*, "
		      "s:o*, s:o*, s:O*}",
		      "is", "stopped", "why", cc_stop_name(why), "at", moment_json(cc_agent.now),
		      "previous", moment_json(previous(why)), "ran", (json_int_t)agent.ran, "shown",
		      (json_int_t)agent.shown[1], (json_int_t)agent.shown[2], "written",
		      (json_int_t)agent.written[1], (json_int_t)agent.written[2], "status", status,
		      "past", cc_past.before, "child", cc_past.child, "process",
		      (int)cc_past.process, "place", agent.debuggee->place(), "text",
		      text ? cc_json_shown(text) : NULL, "last",
		      agent.noted ? moment_json(agent.hit) : NULL, "found",
		      agent.noted ? agent.found : NULL),
	    -1);
}

static void stop(enum cc_stop_why why)
{
	note_time(1);
	report_stop(why, NULL, 0);
	obey();
	rearm();
}

void cc_agent_due(void)
{
	if (is_beyond()) {
		stop(CC_STOP_LIMIT);
		return;
	}
	if (agent.interrupted) {
		stop(CC_STOP_INTERRUPTED);
		return;
	}
	if (wants_checkpoint()) {
		note_time(1);
		agent.due = 0;
		pause_copy("checkpoint");
		note_time(0);
	}
	rearm();
}

void cc_agent_hit_at(struct cc_moment moment)
{
	if (agent.socket < 0) /* nobody to stop for */
		return;
	if (agent.last && agent.limited && cc_moment_compare(moment, agent.limit) >= 0)
		return;
	agent.hit = moment;
	agent.noted = 1;
	json_decref(agent.found);
	agent.found = agent.debuggee->found ? agent.debuggee->found() : NULL;
	if (!agent.last) /* a condition in whose copy the user has interrupted does not hold */
		stop(agent.interrupted ? CC_STOP_INTERRUPTED : CC_STOP_RULE);
}

void cc_agent_hit(void)
{
	cc_agent_hit_at(cc_agent.now);
}

/* Stopped for good: copies can be made of what is there. */
static void stay(enum cc_stop_why why, const char *text, int status)
{
	if (agent.socket < 0 || agent.copy)
		return;
	note_time(1);
	for (;;) {
		report_stop(why, text, status);
		obey();
	}
}

void cc_agent_end(int status)
{
	char text[64];

	if (status >= 0)
		stay(CC_STOP_END, NULL, status);
	snprintf(text, sizeof(text), "SIG%s ended the program here", sigabbrev_np(-status));
	stay(CC_STOP_END, text, 128 - status);
}

void cc_agent_died(const char *message)
{
	stay(CC_STOP_DIED, message, 125);
}

/* ---- output ---- */

size_t cc_agent_unshown(unsigned stream, size_t length)
{
	uint64_t before = agent.shown[stream];

	agent.written[stream] += length;
	if (agent.written[stream] <= before)
		return 0;
	agent.shown[stream] = agent.written[stream];
	return agent.written[stream] - before < length ? (size_t)(agent.written[stream] - before)
						       : length;
}

/* ---- commands ---- */

static int get_pair(const json_t *message, const char *key, uint64_t *first, uint64_t *second)
{
	const json_t *pair = json_object_get(message, key);

	if (!json_is_array(pair))
		return 0;
	*first = (uint64_t)json_integer_value(json_array_get(pair, 0));
	*second = (uint64_t)json_integer_value(json_array_get(pair, 1));
	return 1;
}

static int run(const json_t *message)
{
	const json_t *rule = json_object_get(message, "rule");
	struct cc_error error;

	if (agent.debuggee->rule(json_is_object(rule) ? rule : NULL, &error) < 0) {
		say(cc_json_pack("{s:s, s:o}", "is", "refused", "text", cc_json_shown(error.text)),
		    -1);
		return 0;
	}
	agent.limited = get_pair(message, "limit", &agent.limit.calls, &agent.limit.events);
	agent.last = json_is_true(json_object_get(message, "last"));
	agent.noted = 0;
	agent.interrupted = 0;
	agent.asked = 0;
	agent.silent_since = clock_now(CLOCK_MONOTONIC);
	agent.every = (uint64_t)json_integer_value(json_object_get(message, "every")) * 1000;
	agent.due = 0;
	note_time(0);
	get_pair(message, "shown", &agent.shown[1], &agent.shown[2]);
	rearm();
	if (!json_is_object(rule) && !agent.limited && agent.debuggee->stop_events) {
		agent.debuggee->stop_events();
		agent.events_stopped = 1;
	}
	return 1;
}

static int clone_process(const json_t *message)
{
	int original = getpid();

	pause_copy("clone");
	return getpid() != original; /* the copy has been told to run */
}

static int ask(const json_t *message)
{
	int other;
	pid_t pid = fork_copy(&other);

	if (!pid)
		answer(json_string_value(json_object_get(message, "what")),
		       json_object_get(message, "with"));
	say(json_pack("{s:s, s:i}", "is", "copy", "pid", (int)pid), other);
	close(other);
	return 0;
}

/*
 * The session has come to this process at a leap: the rule of the process's own way here is over.
 */
static int where(const json_t *message)
{
	struct cc_error error;

	agent.debuggee->rule(NULL, &error);
	report_stop(CC_STOP_HERE, NULL, 0);
	return 0;
}

static const struct {
	const char *name;
	int (*obey)(const json_t *message); /* 1: the program goes on */
} commands[] = {{"run", run}, {"clone", clone_process}, {"ask", ask}, {"where", where}};

static void obey(void)
{
	int goes_on = 0;

	while (!goes_on) {
		json_t *message = cc_wire_receive(agent.socket, NULL);
		const char *name = json_string_value(json_object_get(message, "do"));

		if (!name)
			gone();
		for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
			if (!strcmp(commands[i].name, name))
				goes_on = commands[i].obey(message);
		json_decref(message);
	}
}

/* ---- beginning ---- */

/*
 * The controller wants the program to stop where it is. Whatever the program does now, it does to
 * its end.
 */
static void interrupt(int signal)
{
	agent.interrupted = 1;
	cc_agent.due = 0;
}

int cc_agent_begin(const struct cc_debuggee *debuggee, int socket, struct cc_error *error)
{
	if (!debuggee)
		return cc_fail(error, CC_EUNSUPPORTED,
			       "programs of this language cannot be debugged");
	agent.debuggee = debuggee;
	cc_agent.on = 1;
	cc_copy_session();
	cc_agent.due = UINT64_MAX;
	set_signal(SIGCHLD, SIG_IGN); /* copies that have ended are nobody's to wait for */
	debuggee->begin();
	if (socket < 0)
		return 0;
	agent.socket = socket;
	set_signal(SIGINT, SIG_IGN); /* the controller's */
	set_signal(SIGQUIT, SIG_IGN);
	set_signal(SIGURG, interrupt);
	obey();
	return 0;
}
