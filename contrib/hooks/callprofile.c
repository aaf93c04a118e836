/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which subs a past run spent its statements in, called from where. Two files: one that
 * callgrind_annotate and KCachegrind read, and one of collapsed stacks, that flamegraph.pl and
 * speedscope read.
 *
 *   cc-perl-replay --hook callprofile slice.plog && callgrind_annotate callgrind.out
 *
 * Options: out=FILE (callgrind.out), stacks=FILE (callstacks.txt), cost=ops: count ops, not
 * statements; loads=none: without what `use` and `import` run; loads=all: that call by call (else
 * it is one sub, called by their line); depth=N: frames of a stack (500); sources=DIR: the sources
 * are written there.
 */
#include <crosscut/hooks.h>

#include "chains.h"
#include "options.h"
#include "sources.h"

#define DEPTH "500"

/* What an address of a name, or two, stand for: a file; a sub and its file. */
struct named {
	const char *name, *file; /* NULL: it is a file itself */
	struct named *next;	 /* of the same slot */
	const char *path;	 /* of a file: absolute; NULL: it is none */
	const char *shown;	 /* of a file, in the report */
	unsigned active;	 /* of a sub: so often it stands on the way to a node */
};

/*
 * A sub as called along one way from the main program: all calls from one line of one such caller.
 */
struct node {
	struct node *caller, *callees, *next;
	const char *sub, *file, *caller_file;
	unsigned line, caller_line;
	const char *load; /* it loads code, and is shown as this; or NULL */
	struct named *function;
	int is_inner; /* the sub stands on the way to it already */
	unsigned depth;
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
	unsigned loading;  /* the node loads code, and so many calls lead into that, itself one */
};

#define SLOTS 4096

static struct {
	struct node top;
	struct place now;
	struct place *place; /* of the chain that runs, as it was when it began to */
	struct chains chains;
	struct named *slots[SLOTS];
	struct output out, stacks;
	struct sources sources;
	int ops;
	enum { LOADS_ONE, LOADS_NONE, LOADS_ALL } loads;
	unsigned depth;
} profile = {.chains = {.size = sizeof(struct place)}};

/* ---- names ---- */

static struct named *named(const char *name, const char *file)
{
	uintptr_t key = (uintptr_t)name / 16 * 31 + (uintptr_t)file / 16;
	struct named **slot = &profile.slots[key % SLOTS], *found;

	for (found = *slot; found; found = found->next)
		if (found->name == name && found->file == file)
			return found;
	found = calloc(1, sizeof(*found));
	*found = (struct named){.name = name, .file = file, .next = *slot};
	return *slot = found;
}

/* Notes where a file is, seen from where the program is. */
static void meet_file(const char *name)
{
	struct named *file = named(name, NULL);

	if (!file->path && *name && *name != '(' && *name != '<')
		file->path = cc_hook_path(name);
}

static const char *shown_file(const char *name)
{
	struct named *file = named(name, NULL);

	if (!file->shown)
		file->shown = file->path ? source_name(&profile.sources, file->path)
			      : *name	 ? name
					 : "(in C)";
	return file->shown;
}

/* How subs are called that load what a program uses. */
static const struct {
	const char *sub, *file, *shown; /* the last part of the sub's name; NULL: any file */
} loading[] = {
	{"BEGIN", NULL, "(use)"},
	{"_find_and_load", "<frozen importlib._bootstrap>", "(import)"},
};

static const char *load_of(const struct cc_hook_call *call)
{
	const char *colon = strrchr(call->sub, ':'), *last = colon ? colon + 1 : call->sub;

	for (size_t i = 0; i < sizeof(loading) / sizeof(*loading) && profile.loads != LOADS_ALL;
	     i++)
		if (!strcmp(last, loading[i].sub) &&
		    (!loading[i].file || !strcmp(call->file, loading[i].file)))
			return loading[i].shown;
	return NULL;
}

/* ---- events ---- */

/* A file begins to run, mostly soon after the program has found it where it is. */
static void code(void *data, const struct cc_hook_code *code)
{
	meet_file(code->file);
}

static struct cost *cost_at(struct node *node, const char *file, unsigned line)
{
	for (size_t i = node->cost_count; i--;)
		if (node->costs[i].line == line && node->costs[i].file == file)
			return &node->costs[i];
	meet_file(file);
	node->costs = realloc(node->costs, (node->cost_count + 1) * sizeof(*node->costs));
	node->costs[node->cost_count] = (struct cost){file, line, 0};
	return &node->costs[node->cost_count++];
}

static void count(void)
{
	if (profile.now.loading && profile.loads == LOADS_NONE)
		return;
	profile.now.last->count++;
	profile.now.node->self++;
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	if (!profile.now.loading)
		profile.now.last = cost_at(profile.now.node, file, line);
	if (!profile.top.file)
		profile.top.file = file;
	if (!profile.ops)
		count();
}

static void op(void *data, const char *name)
{
	struct node *node = profile.now.node;

	if (!profile.now.last)
		profile.now.last = cost_at(node, node->file ? node->file : "", node->line);
	count();
}

static struct node *new_node(struct node *caller, const struct cc_hook_call *call)
{
	struct node *node = calloc(1, sizeof(*node));
	const char *load = load_of(call);

	*node = (struct node){.caller = caller,
			      .next = caller->callees,
			      .sub = call->sub,
			      .file = call->file,
			      .line = call->line,
			      .caller_file = call->caller.file,
			      .caller_line = call->caller.line,
			      .load = load,
			      .depth = caller->depth + 1};
	node->function = load ? named(load, call->caller.file) : named(call->sub, call->file);
	meet_file(call->file);
	meet_file(call->caller.file);
	return caller->callees = node;
}

static void enter(void *data, const struct cc_hook_call *call)
{
	struct node *node;

	if (profile.now.loading) {
		profile.now.loading++;
		return;
	}
	node = profile.now.node->callees;
	while (node &&
	       (node->sub != call->sub || node->file != call->file ||
		node->caller_line != call->caller.line || node->caller_file != call->caller.file))
		node = node->next;
	if (!node)
		node = new_node(profile.now.node, call);
	node->calls++;
	profile.now = (struct place){.node = node, .loading = node->load != NULL};
	if (node->load)
		profile.now.last = cost_at(node, node->caller_file, node->caller_line);
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	struct node *caller = profile.now.node->caller;

	if (profile.now.loading > 1)
		profile.now.loading--;
	else if (caller)
		profile.now =
			(struct place){.node = caller,
				       .last = profile.ops ? cost_at(caller, call->caller.file,
								     call->caller.line)
							   : NULL};
}

static void chain(void *data, uint64_t number)
{
	*profile.place = profile.now;
	if (profile.now.node == &profile.top)
		chain_over(&profile.chains, profile.place);
	profile.place = chain_state(&profile.chains, number);
	profile.now = *profile.place;
	if (!profile.now.node)
		profile.now.node = &profile.top;
}

/* ---- from the calls to the totals: a run may be deep, so nothing here is recursive ---- */

static void nothing(struct node *node)
{
}

/* The node behind this one, callers before callees. Those that are over are told to `over`. */
static struct node *after(struct node *node, void (*over)(struct node *node))
{
	if (node->callees)
		return node->callees;
	for (; node && !node->next; node = node->caller)
		over(node);
	if (!node)
		return NULL;
	over(node);
	return node->next;
}

/* What a forked child's parent did is not the child's; but calls that are open in the fork are. */
static void forked(void *data, pid_t process)
{
	for (struct node *node = &profile.top; node; node = after(node, nothing)) {
		node->calls = node->self = 0;
		for (size_t i = 0; i < node->cost_count; i++)
			node->costs[i].count = 0;
	}
}

static void add_up(struct node *node)
{
	node->all += node->self;
	node->used |= node->calls || node->self;
	node->function->active--;
	if (!node->caller)
		return;
	node->caller->all += node->all;
	node->caller->used |= node->used;
}

static void sum(void)
{
	profile.top.function = named(profile.top.sub, profile.top.file);
	for (struct node *node = &profile.top; node; node = after(node, add_up))
		node->is_inner = node->function->active++ > 0;
}

/* ---- callgrind's format ---- */

static void write_named(FILE *out, const char *key, const char *name)
{
	fprintf(out, "%s=", key);
	write_line(out, name);
}

static const char *sub_of(const struct node *node)
{
	return node->load ? node->load : node->sub;
}

static const char *file_of(const struct node *node)
{
	return node->load ? node->caller_file : node->file;
}

/*
 * What a call costs with all that it calls is the cost of the outermost call of a sub: the costs of
 * inner ones are in that.
 */
static void write_call(FILE *out, const struct node *callee)
{
	write_named(out, "cfi", shown_file(file_of(callee)));
	write_named(out, "cfn", sub_of(callee));
	fprintf(out, "calls=%lu %u\n%u %lu\n", callee->calls,
		callee->load ? callee->caller_line : callee->line, callee->caller_line,
		callee->is_inner ? 0 : callee->all);
}

static int is_left_out(const struct node *node)
{
	return !node->used || (node->load && profile.loads == LOADS_NONE);
}

static void write_node(FILE *out, const struct node *node)
{
	const char *file = file_of(node);

	if (is_left_out(node))
		return;
	fputc('\n', out);
	write_named(out, "fl", shown_file(file));
	write_named(out, "fn", sub_of(node));
	for (size_t i = 0; i < node->cost_count; i++) {
		if (!node->costs[i].count)
			continue;
		if (node->costs[i].file != file)
			write_named(out, "fi", shown_file(file = node->costs[i].file));
		fprintf(out, "%u %lu\n", node->costs[i].line, node->costs[i].count);
	}
	for (const struct node *callee = node->callees; callee; callee = callee->next) {
		if (is_left_out(callee))
			continue;
		if (callee->caller_file != file)
			write_named(out, "fi", shown_file(file = callee->caller_file));
		write_call(out, callee);
	}
}

static void write_profile(FILE *out)
{
	fprintf(out, "# callgrind format\nversion: 1\ncreator: crosscut\n");
	if (*cc_hook_prefix())
		fprintf(out, "pid: %d\n", (int)cc_hook_process());
	fprintf(out, "cmd: ");
	write_line(out, cc_hook_command());
	fprintf(out, "positions: line\nevents: %s\nsummary: %lu\n",
		profile.ops ? "Ops" : "Statements", profile.top.all);
	for (struct node *node = &profile.top; node; node = after(node, nothing))
		write_node(out, node);
	fprintf(out, "\ntotals: %lu\n", profile.top.all);
	sources_over(&profile.sources);
}

/* ---- collapsed stacks ---- */

static struct {
	char *text;
	size_t *ends; /* by depth */
} way;

/* Lengthens the way to this node's caller by the node. */
static void go_to(const struct node *node)
{
	const char *name = sub_of(node);
	size_t from = node->depth ? way.ends[node->depth - 1] : 0, length = strlen(name);

	way.text = realloc(way.text, from + length + 2);
	if (node->depth)
		way.text[from++] = ';';
	for (; *name; name++)
		way.text[from++] = *name == ';' || (unsigned char)*name < ' ' ? '?' : *name;
	way.text[from] = '\0';
	way.ends[node->depth] = from;
}

static void write_stacks(FILE *out)
{
	way.ends = calloc(profile.depth + 1, sizeof(*way.ends));
	for (struct node *node = &profile.top; node; node = after(node, nothing)) {
		if (node->depth > profile.depth)
			continue;
		go_to(node);
		if (node->self)
			fprintf(out, "%s%s %lu\n", cc_hook_prefix(), way.text, node->self);
		if (node->depth == profile.depth && node->all > node->self)
			fprintf(out, "%s%s;(deeper) %lu\n", cc_hook_prefix(), way.text,
				node->all - node->self);
	}
}

static void end(void *data, int status)
{
	if (!profile.top.file)
		profile.top.file = "";
	sum();
	write_profile(profile.out.file);
	close_output(&profile.out);
	write_stacks(profile.stacks.file);
	close_output(&profile.stacks);
}

/* ---- the beginning ---- */

/* What a number or a word means. 0; -1, and a line that says why. */
static int read_options(const char *arguments)
{
	static const char *const words[] = {"one", "none", "all"};
	const char *depth = option(arguments, "depth", DEPTH),
		   *loads = option(arguments, "loads", *words);
	char *rest;
	unsigned long number = strtoul(depth, &rest, 10);

	profile.depth = (unsigned)number;
	if (*depth < '0' || *depth > '9' || *rest || !number || number > 1000000) {
		fprintf(stderr, "callprofile: depth=%s: a number from 1 to 1000000 is needed\n",
			depth);
		return -1;
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(loads, words[i])) {
			profile.loads = i;
			return 0;
		}
	fprintf(stderr, "callprofile: loads=%s: one, none or all is needed\n", loads);
	return -1;
}

int cc_hook_load(struct cc_hook *hook)
{
	const char *arguments = hook->arguments;

	if (!options_known("callprofile", arguments, "out stacks cost loads depth sources ") ||
	    read_options(arguments) ||
	    open_output(&profile.out, "callprofile", option(arguments, "out", "callgrind.out")) ||
	    open_output(&profile.stacks, "callprofile",
			option(arguments, "stacks", "callstacks.txt")) ||
	    open_sources(&profile.sources, "callprofile", arguments))
		return -1;
	cc_hook_keep_files();
	profile.ops = !strcmp(option(arguments, "cost", "statements"), "ops");
	profile.top.sub = "(main)";
	profile.now.node = &profile.top;
	profile.place = chain_state(&profile.chains, 1);
	hook->chain = chain;
	hook->forked = forked;
	hook->code = code;
	hook->statement = statement;
	hook->op = profile.ops ? op : NULL;
	hook->enter = enter;
	hook->leave = leave;
	hook->end = end;
	return 0;
}
