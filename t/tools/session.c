/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session by hand: session OBJECT KIND SLICE [ANSWERS], then one command a line, each answered by
 * one line of JSON, on standard output or into the file ANSWERS.
 *
 *   run RULE    back RULE    go CALLS.EVENTS    next    restart    ask WHAT ARGUMENTS    memory
 *   pass [RULE]
 *
 * RULE and ARGUMENTS are JSON objects. `next` is the next event of whatever thread; `pass` all that
 * come, each on a line, or those at which a rule stops. `memory` is a sum over the program's
 * memory. The program's output goes to where ours goes, as it is shown.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/session/session.h"
#include "logs/event.h"
#include "logs/log.h"

static FILE *answers;

static void print(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	fprintf(answers, "%s\n", text);
	fflush(answers);
	free(text);
	json_decref(value);
}

static void print_stop(const struct cc_session *session)
{
	const struct cc_stop *stop = cc_session_stop(session);
	json_t *line = json_pack("{s:s, s:[I,I], s:[I,I]}", "why", cc_stop_name(stop->why), "at",
				 (json_int_t)stop->at.calls, (json_int_t)stop->at.events, "written",
				 (json_int_t)stop->written[0], (json_int_t)stop->written[1]);

	if (stop->place)
		json_object_set(line, "place", stop->place);
	if (stop->text)
		json_object_set_new(line, "text", json_string(stop->text));
	print(line);
}

/* ---- the program's memory ---- */

#define LARGE (256ul << 10)

/*
 * What the C library guards stack frames with is each process's own; the thread's head holds it
 * (glibc: tcbhead_t).
 */
#define GUARD_AT 0x28

static uint64_t guard_of(pid_t pid, int memory)
{
	struct user_regs_struct registers = {0};
	uint64_t guard = 0;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		return 0;
	if (!ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) && waitpid(pid, NULL, __WALL) == pid &&
	    !ptrace(PTRACE_GETREGS, pid, NULL, &registers) &&
	    pread(memory, &guard, sizeof(guard), (off_t)(registers.fs_base + GUARD_AT)) !=
		    sizeof(guard))
		guard = 0;
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return guard;
}

struct sum {
	/* size: the word before the last one, a block's if this is its free one's second */
	uint64_t sum, guard, size;
	uint64_t last;
	size_t skip; /* so many words are nobody's */
};

/*
 * The C library marks a block that it keeps for reuse with a key: random bytes, the first that it
 * asks for itself, which a replay gets from the slice; of one without a machine, always these.
 */
static uint64_t free_key = 0x5a5a5a5a5a5a5a5a;

static void find_key(const char *log)
{
	struct cc_log_reader *reader = cc_log_open(log, NULL, NULL);
	struct cc_record record;
	struct cc_error error;

	while (reader && cc_log_next(reader, &record, &error) == 1) {
		const uint8_t *content;
		size_t length;

		if (record.type != CC_REC_SYSCALL || cc_get_u(&record.cursor) != SYS_getrandom)
			continue;
		cc_get_s(&record.cursor);
		content = cc_log_get_blob(reader, &record.cursor, &length);
		if (content && length == sizeof(free_key))
			memcpy(&free_key, content, sizeof(free_key));
		break;
	}
	cc_log_close(reader);
}

#define BLOCK_MOST 1040

/*
 * A struct on the stack that is filled in part and copied (perl's sets of signals) brings along
 * what lay there: perhaps such a guard, or pointers of ours, into our heap, the libraries, the
 * stack.
 */
static uint64_t settled(const struct sum *sum, uint64_t word)
{
	int ours = word - 0x100000000000 < (64ull << 30) || word - 0x7ff000000000 < 0x1000000000;

	return word == sum->guard || ours ? 0 : word;
}

static void add_word(struct sum *sum, uint64_t word)
{
	size_t size = sum->size & ~7ull;

	if (sum->skip) {
		sum->skip--;
		return;
	}
	if (word == free_key && size >= 32 && size <= BLOCK_MOST)
		sum->skip = size / sizeof(word) - 3;
	sum->size = sum->last;
	sum->last = word;
	sum->sum = (sum->sum ^ settled(sum, word)) * 0x9e3779b97f4a7c15;
	sum->sum ^= sum->sum >> 29;
}

static void add_memory(struct sum *sum, int memory, unsigned long from, unsigned long to)
{
	static uint64_t words[8192];

	while (from < to) {
		size_t want = to - from < sizeof(words) ? to - from : sizeof(words);
		ssize_t got = pread(memory, words, want, (off_t)from);

		for (ssize_t i = 0; i < got / (ssize_t)sizeof(*words); i++)
			add_word(sum, words[i]);
		from += want;
	}
}

/*
 * The interpreter's data, its heap and what it has mapped: what our own context has is no part of
 * it (the replay's object, what stands behind that, our heap of gigabytes), nor are stacks, where
 * leavings of ours lie; those of threads have a page before them that nobody may touch. Copies part
 * a mapping in two, or do not.
 */
static uint64_t sum_memory(pid_t pid)
{
	char path[64], line[4096], access[8], first[4096] = "", name[4096];
	unsigned long from, to, end = 0, summed = 0, guarded = 0;
	struct sum sum = {0};
	int memory, own = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	sum.guard = guard_of(pid, memory);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		int is_first, is_stack;

		*name = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %4095[^\n]", &from, &to, access, name) <
		    3)
			continue;
		if (!*first)
			strcpy(first, name);
		is_first = !strcmp(name, first) || !strcmp(name, "[heap]");
		own = strstr(name, "crosscut") || (own && !*name && from == end);
		is_stack = from == guarded;
		end = to;
		if (!strncmp(access, "---", 3) || (is_stack && access[1] == 'w'))
			guarded = to;
		if (access[1] != 'w' || own || is_stack || to - from > (1ul << 30))
			continue;
		if (!is_first && from != summed && (*name || to - from < LARGE))
			continue;
		if (from != summed)
			sum.sum ^= from, sum.skip = 0;
		add_memory(&sum, memory, from, to);
		summed = to;
	}
	if (maps)
		fclose(maps);
	close(memory);
	return sum.sum;
}

/* ---- commands ---- */

/* Of whatever thread. */
static int next(struct cc_session *session, struct cc_error *error)
{
	struct cc_moment moment = cc_session_stop(session)->at;

	moment.events++;
	return cc_session_go(session, moment, error);
}

static int is_over(const struct cc_session *session)
{
	enum cc_stop_why why = cc_session_stop(session)->why;

	return why == CC_STOP_END || why == CC_STOP_DIED;
}

static int pass(struct cc_session *session, const json_t *rule, struct cc_error *error)
{
	int status = 0;

	while (!status && !is_over(session)) {
		status = rule ? cc_session_run(session, rule, error) : next(session, error);
		if (!status)
			print_stop(session);
	}
	return status;
}

static int obey(struct cc_session *session, const char *command, char *rest, struct cc_error *error)
{
	char *what = NULL;
	struct cc_moment moment;
	json_t *object;
	int status = 0;

	if (!strcmp(command, "memory")) {
		print(json_pack("{s:I}", "memory",
				(json_int_t)(sum_memory(cc_session_process(session)) >> 1)));
		return 1;
	}
	if (!strcmp(command, "ask"))
		what = strsep(&rest, " ");
	object = rest ? json_loads(rest, 0, NULL) : NULL;
	if (what)
		print(cc_session_ask(session, what, object, NULL, NULL));
	else if (!strcmp(command, "run"))
		status = cc_session_run(session, object, error);
	else if (!strcmp(command, "back"))
		status = cc_session_back(session, object, error) < 0 ? error->status : 0;
	else if (!strcmp(command, "next"))
		status = next(session, error);
	else if (!strcmp(command, "pass"))
		status = pass(session, object, error);
	else if (!strcmp(command, "restart"))
		status = cc_session_restart(session, error);
	else if (!strcmp(command, "go") && rest && !cc_moment_parse(rest, &moment))
		status = cc_session_go(session, moment, error);
	else
		status = cc_fail(error, CC_EUSAGE, "no such command: %s", command);
	json_decref(object);
	return status ? status : what != NULL;
}

int main(int argc, char **argv)
{
	struct cc_launch launch = {.tool = "session"};
	struct cc_session *session;
	struct cc_error error;
	char *line = NULL;
	size_t room = 0;
	json_t *first = json_pack("{s:s}", "step", "start");

	if (argc < 4 || argc > 5)
		return 125;
	answers = argc == 5 ? fopen(argv[4], "we") : stdout;
	if (!answers)
		return 125;
	launch.object = argv[1];
	launch.kind = argv[2];
	launch.log = argv[3];
	find_key(argv[3]);
	session = cc_session_start(&launch, first, &error);
	json_decref(first);
	if (!session) {
		fprintf(stderr, "session: %s\n", error.text);
		return 125;
	}
	print_stop(session);
	while (getline(&line, &room, stdin) > 0) {
		char *rest = line, *command;
		int status;

		line[strcspn(line, "\n")] = '\0';
		command = strsep(&rest, " ");
		status = obey(session, command, rest, &error);
		if (status < 0)
			print(json_pack("{s:s}", "error", error.text));
		else if (!status)
			print_stop(session);
	}
	free(line);
	cc_session_end(session);
	if (answers != stdout)
		fclose(answers);
	return 0;
}
