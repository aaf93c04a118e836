/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which subs a past run spent its statements in, called from where. Two files: one that
 * callgrind_annotate and KCachegrind read, and one of collapsed stacks, that flamegraph.pl and
 * speedscope read.
 *
 *   cc-perl-replay --hook callprofile slice.plog && callgrind_annotate callgrind.out
 *
 * Options: out=FILE (callgrind.out), stacks=FILE (callstacks.txt), cost=ops: count ops, not
 * statements.
 */
#include <crosscut/hooks.h>

#include "chains.h"
#include "options.h"

/*
 * A sub as called along one way from the main program: all calls from one line of one such caller.
 */
struct node {
	struct node *caller, *callees, *next;
	const char *sub, *file, *caller_file;
	unsigned line, caller_line;
	unsigned long calls, self, all;
	int used; /* it was called, or went on, or what it called */
	struct cost {
		const char *file;
		unsigned line;
		unsigned long count;
	} * costs;
	size_t cost_count;
};

/* Where a chain of calls is. */
struct place {
	struct node *node; /* NULL: it has not begun */
	struct cost *last; /* of the statement that runs */
};

static struct {
	struct node top, *now;
	struct cost *last;
	struct place *place; /* of the chain that runs, as it was when it began to */
	struct chains chains;
	struct output out, stacks;
	int ops;
} profile = {.chains = {.size = sizeof(struct place)}};

static struct cost *cost_at(struct node *node, const char *file, unsigned line)
{
	for (size_t i = node->cost_count; i--;)
		if (node->costs[i].line == line && node->costs[i].file == file)
			return &node->costs[i];
	node->costs = realloc(node->costs, (node->cost_count + 1) * sizeof(*node->costs));
	node->costs[node->cost_count] = (struct cost){file, line, 0};
	return &node->costs[node->cost_count++];
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	profile.last = cost_at(profile.now, file, line);
	if (!profile.ops) {
		profile.last->count++;
		profile.now->self++;
	}
}

static void op(void *data, const char *name)
{
	if (!profile.last)
		profile.last = cost_at(profile.now, profile.now->file, profile.now->line);
	profile.last->count++;
	profile.now->self++;
}

static void enter(void *data, const struct cc_hook_call *call)
{
	struct node *node = profile.now->callees;

	while (node &&
	       (node->sub != call->sub || node->file != call->file ||
		node->caller_line != call->caller.line || node->caller_file != call->caller.file))
		node = node->next;
	if (!node) {
		node = calloc(1, sizeof(*node));
		*node = (struct node){profile.now,
				      NULL,
				      profile.now->callees,
				      call->sub,
				      call->file,
				      call->caller.file,
				      call->line,
				      call->caller.line,
				      0,
				      0,
				      0,
				      0,
				      NULL,
				      0};
		profile.now->callees = node;
	}
	node->calls++;
	profile.now = node;
	profile.last = NULL;
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	if (!profile.now->caller)
		return;
	profile.now = profile.now->caller;
	profile.last =
		profile.ops ? cost_at(profile.now, call->caller.file, call->caller.line) : NULL;
}

static void chain(void *data, uint64_t number)
{
	*profile.place = (struct place){profile.now, profile.last};
	if (profile.now == &profile.top)
		chain_over(&profile.chains, profile.place);
	profile.place = chain_state(&profile.chains, number);
	profile.now = profile.place->node ? profile.place->node : &profile.top;
	profile.last = profile.place->last;
}

/* What a forked child's parent did is not the child's; but calls that are open in the fork are. */
static void forget(struct node *node)
{
	node->calls = node->self = 0;
	for (size_t i = 0; i < node->cost_count; i++)
		node->costs[i].count = 0;
	for (struct node *callee = node->callees; callee; callee = callee->next)
		forget(callee);
}

static void forked(void *data, pid_t process)
{
	forget(&profile.top);
}

static void sum(struct node *node)
{
	node->all = node->self;
	node->used = node->calls || node->self;
	for (struct node *callee = node->callees; callee; callee = callee->next) {
		sum(callee);
		node->all += callee->all;
		node->used |= callee->used;
	}
}

static const char *name_of(const char *name, const char *otherwise)
{
	return *name ? name : otherwise;
}

static void write_node(FILE *out, const struct node *node)
{
	const char *file = node->file;

	fprintf(out, "\nfl=%s\nfn=%s\n", name_of(node->file, "(in C)"), node->sub);
	for (size_t i = 0; i < node->cost_count; i++) {
		if (!node->costs[i].count)
			continue;
		if (node->costs[i].file != file)
			fprintf(out, "fi=%s\n", name_of(file = node->costs[i].file, "(in C)"));
		fprintf(out, "%u %lu\n", node->costs[i].line, node->costs[i].count);
	}
	for (const struct node *callee = node->callees; callee; callee = callee->next) {
		if (!callee->used)
			continue;
		if (callee->caller_file != file)
			fprintf(out, "fi=%s\n", name_of(file = callee->caller_file, "(in C)"));
		fprintf(out, "cfi=%s\ncfn=%s\ncalls=%lu %u\n%u %lu\n",
			name_of(callee->file, "(in C)"), callee->sub, callee->calls, callee->line,
			callee->caller_line, callee->all);
	}
	for (const struct node *callee = node->callees; callee; callee = callee->next)
		if (callee->used)
			write_node(out, callee);
}

static void write_way(FILE *out, const struct node *node)
{
	if (node->caller) {
		write_way(out, node->caller);
		fputc(';', out);
	}
	fputs(node->sub, out);
}

static void write_stacks(FILE *out, const struct node *node)
{
	if (node->self) {
		fputs(cc_hook_prefix(), out);
		write_way(out, node);
		fprintf(out, " %lu\n", node->self);
	}
	for (const struct node *callee = node->callees; callee; callee = callee->next)
		write_stacks(out, callee);
}

static void end(void *data, int status)
{
	FILE *out = profile.out.file;

	sum(&profile.top);
	fprintf(out, "# callgrind format\nversion: 1\ncreator: crosscut\n");
	if (*cc_hook_prefix())
		fprintf(out, "pid: %d\n", (int)cc_hook_process());
	fprintf(out, "positions: line\nevents: %s\nsummary: %lu\n",
		profile.ops ? "Ops" : "Statements", profile.top.all);
	write_node(out, &profile.top);
	close_output(&profile.out);
	write_stacks(profile.stacks.file, &profile.top);
	close_output(&profile.stacks);
}

int cc_hook_load(struct cc_hook *hook)
{
	if (!options_known("callprofile", hook->arguments, "out stacks cost "))
		return -1;
	if (open_output(&profile.out, "callprofile",
			option(hook->arguments, "out", "callgrind.out")) ||
	    open_output(&profile.stacks, "callprofile",
			option(hook->arguments, "stacks", "callstacks.txt")))
		return -1;
	profile.ops = !strcmp(option(hook->arguments, "cost", "statements"), "ops");
	profile.top.sub = "(main)";
	profile.top.file = profile.top.caller_file = "";
	profile.now = &profile.top;
	profile.place = chain_state(&profile.chains, 1);
	hook->chain = chain;
	hook->forked = forked;
	hook->statement = statement;
	hook->op = profile.ops ? op : NULL;
	hook->enter = enter;
	hook->leave = leave;
	hook->end = end;
	return 0;
}
