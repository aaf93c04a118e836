/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "runtimes/perl/replay/sources.h"
#include "runtimes/perl/replay/tree.h"

/* An optree, its ops in preorder: an op's own subtree is [i, end). */
struct node {
	OP *op;
	size_t end;
};

static struct {
	struct node *nodes;
	size_t count;
	size_t *open; /* the path to the op that is being added */
	size_t depth;
	size_t *former; /* nodes that are ex-nextstates which begin a statement */
	size_t former_count;
	struct entry {
		const OP *target;
		size_t former;
	} * entries; /* a hash by target: the op that an ex-nextstate's statement begins with */
	size_t capacity;
} tree;

static int is_former(const OP *op)
{
	return op->op_type == OP_NULL && (op->op_targ == OP_NEXTSTATE || op->op_targ == OP_DBSTATE);
}

static int is_statement(const OP *op)
{
	return op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE;
}

/* ---- gathering ---- */

static void add(OP *op)
{
	cc_heap_room(tree.nodes, tree.count);
	cc_heap_room(tree.open, tree.depth);
	tree.open[tree.depth++] = tree.count;
	tree.nodes[tree.count++] = (struct node){op, 0};
}

static void close_node(void)
{
	tree.nodes[tree.open[--tree.depth]].end = tree.count;
}

static void gather(OP *root)
{
	OP *op = root;

	tree.count = tree.depth = 0;
	for (;;) {
		add(op);
		if (op->op_flags & OPf_KIDS && cUNOPx(op)->op_first) {
			op = cUNOPx(op)->op_first;
			continue;
		}
		while (op != root && !OpHAS_SIBLING(op)) {
			close_node();
			op = tree.nodes[tree.open[tree.depth - 1]].op;
		}
		close_node();
		if (op == root)
			return;
		op = OpSIBLING(op);
	}
}

/* ---- ex-nextstates ---- */

static struct entry *find_entry(const OP *target)
{
	size_t i = ((uintptr_t)target >> 4) * 0x9e3779b1u & (tree.capacity - 1);

	while (tree.entries[i].target && tree.entries[i].target != target)
		i = (i + 1) & (tree.capacity - 1);
	return &tree.entries[i];
}

/*
 * The statement is the former's sibling, and what it begins with is the first op on from there that
 * is one.
 */
static const OP *first_op(const OP *former)
{
	const OP *op = former->op_next;

	while (op && op->op_type == OP_NULL && !is_former(op))
		op = op->op_next;
	return op;
}

static void note_former(size_t i, int in_use)
{
	const OP *op = tree.nodes[i].op, *first = first_op(op);

	/* An elsif's: `perl -d` does not stop there, though one could break there */
	if (op->op_flags & OPf_SPECIAL)
		return;
	if (!OpHAS_SIBLING(op) || !first || is_former(first))
		return;
	if (is_statement(first) && !in_use) /* nothing is left of what it began */
		return;
	cc_heap_room(tree.former, tree.former_count);
	tree.former[tree.former_count++] = i;
}

static void hash_entries(void)
{
	size_t needed = 16;

	while (needed < tree.former_count * 8)
		needed *= 2;
	if (needed > tree.capacity) {
		tree.capacity = needed;
		tree.entries = cc_heap_realloc(tree.entries, needed * sizeof(*tree.entries));
	}
	memset(tree.entries, 0, tree.capacity * sizeof(*tree.entries));
	for (size_t i = 0; i < tree.former_count; i++) {
		const OP *former = tree.nodes[tree.former[i]].op, *op = former->op_next,
			 *first = first_op(former);

		for (;; op = op->op_next) {
			struct entry *entry = find_entry(op);

			if (!entry->target)
				*entry = (struct entry){op, tree.former[i]};
			if (op == first)
				break;
		}
	}
}

/*
 * A way into a statement from outside leads over its ex-nextstate now. A way from inside it is a
 * loop's (`f() while g()`), which is no new statement.
 */
static void redirect(size_t from, OP **slot, Perl_ppaddr_t former_statement)
{
	const struct entry *entry = *slot ? find_entry(*slot) : NULL;
	const struct node *statement;
	OP *former;

	if (!entry || !entry->target)
		return;
	former = tree.nodes[entry->former].op;
	statement = &tree.nodes[tree.nodes[entry->former].end]; /* the sibling comes next */
	if (from == entry->former ||
	    (from >= (size_t)(statement - tree.nodes) && from < statement->end))
		return;
	if (former->op_ppaddr == former_statement && former->op_next != *slot)
		return; /* another way in, which begins elsewhere */
	former->op_ppaddr = former_statement;
	former->op_next = *slot;
	*slot = former;
}

static void redirect_all(size_t i, Perl_ppaddr_t former_statement)
{
	OP *op = tree.nodes[i].op;

	redirect(i, &op->op_next, former_statement);
	if (op->op_type == OP_NULL || op->op_type == OP_CUSTOM)
		return;
	switch (PL_opargs[op->op_type] & OA_CLASS_MASK) {
	case OA_LOGOP:
		redirect(i, &cLOGOPx(op)->op_other, former_statement);
		break;
	case OA_LOOP:
		redirect(i, &cLOOPx(op)->op_redoop, former_statement);
		redirect(i, &cLOOPx(op)->op_nextop, former_statement);
		redirect(i, &cLOOPx(op)->op_lastop, former_statement);
		break;
	case OA_PMOP:
		if (op->op_type == OP_SUBST)
			redirect(i, &cPMOPx(op)->op_pmstashstartu.op_pmreplstart, former_statement);
		break;
	}
}

/* ---- what was compiled ---- */

static OP *root_of(OP *op)
{
	OP *parent;

	while ((parent = op_parent(op)))
		op = parent;
	return op;
}

/*
 * A whole sub, eval, file or program: code blocks of patterns come alone first, and again with what
 * is around.
 */
static int is_whole(const OP *root)
{
	switch (root->op_type) {
	case OP_LEAVESUB:
	case OP_LEAVESUBLV:
	case OP_LEAVEWRITE:
	case OP_LEAVEEVAL:
	case OP_LEAVE:
		return root->op_private & OPpREFCOUNTED;
	}
	return 0;
}

/*
 * What `use` makes: a sub of three statements that begins with require. perl's debugger does not
 * break there. (A sub of the program that looks like it, all in one line, is taken for one.)
 */
static int is_use(void)
{
	unsigned statements = 0;
	line_t line = NOLINE;

	if (tree.count < 4 || tree.nodes[3].op->op_type != OP_REQUIRE)
		return 0;
	for (size_t i = 0; i < tree.count; i++) {
		const OP *op = tree.nodes[i].op;

		if (!is_statement(op) && !is_former(op))
			continue;
		if (statements++ && CopLINE((const COP *)op) != line)
			return 0;
		line = CopLINE((const COP *)op);
	}
	return statements == 3;
}

/* A statement is made when what it does has been read. */
static size_t made(size_t i)
{
	size_t next = tree.nodes[i].end;

	return OpHAS_SIBLING(tree.nodes[i].op) ? tree.nodes[next].end : next;
}

static int is_pad_op(const OP *op)
{
	return op->op_type == OP_NULL || op->op_type == OP_PADSV || op->op_type == OP_PADAV ||
	       op->op_type == OP_PADHV;
}

/*
 * `my $x; my @y; my $z;` is done by one op, which goes on behind the last: the node that it goes on
 * with, or 0.
 */
static size_t behind_row_of_my(size_t i)
{
	const OP *op = tree.nodes[i].op;

	if (op->op_type != OP_PADRANGE || !(op->op_private & OPpLVAL_INTRO))
		return 0;
	for (i++; i < tree.count && tree.nodes[i].op != op->op_next; i++)
		if (!is_statement(tree.nodes[i].op) && !is_pad_op(tree.nodes[i].op))
			return 0;
	return i < tree.count ? i : 0;
}

static void note_lines(pTHX)
{
	static unsigned long trees;
	const char *file = CopFILE(PL_curcop);
	size_t passed = 0; /* statements before this node are never reached */

	trees++;
	tree.former_count = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const OP *op = tree.nodes[i].op;

		if (is_statement(op) && CopFILE((const COP *)op))
			file = CopFILE((const COP *)op);
		if (is_former(op))
			note_former(i, 0);
		if (behind_row_of_my(i))
			passed = behind_row_of_my(i);
		if (i >= passed && (is_statement(op) || is_former(op)))
			cc_perl_sources_line(file, CopLINE((const COP *)op),
					     (struct cc_perl_line){op, trees, made(i)});
	}
}

/*
 * perl's debugger does not break in the code of a `use`, but steps through it: also at the
 * statement for the version, which is mostly empty.
 */
static void note_use(void)
{
	tree.former_count = 0;
	for (size_t i = 0; i < tree.count; i++)
		if (is_former(tree.nodes[i].op))
			note_former(i, 1);
}

static void add_events(Perl_ppaddr_t former_statement)
{
	if (!tree.former_count)
		return;
	hash_entries();
	for (size_t i = 0; i < tree.count; i++)
		redirect_all(i, former_statement);
}

/* An op that gives $DB::single, $DB::signal or $DB::trace away to be written to. */
static int may_set_debugger_variable(pTHX_ size_t i)
{
	const OP *op = tree.nodes[i].op, *was = i ? tree.nodes[i - 1].op : NULL;
	const GV *gv;

	if (op->op_type != OP_GVSV || !was || was->op_type != OP_NULL || was->op_targ != OP_RV2SV ||
	    !(was->op_flags & OPf_MOD))
		return 0;
	gv = cGVOPx_gv(op);
	return gv && SvTYPE(gv) == SVt_PVGV && GvSTASH(gv) == PL_debstash &&
	       (!strcmp(GvNAME(gv), "single") || !strcmp(GvNAME(gv), "signal") ||
		!strcmp(GvNAME(gv), "trace"));
}

int cc_perl_tree_compiled(pTHX_ OP *start, Perl_ppaddr_t former_statement,
			  Perl_ppaddr_t debugger_variable)
{
	OP *root = root_of(start);
	int is_file = root->op_type == OP_LEAVEEVAL;

	if (!is_whole(root))
		return 0;
	gather(root);
	if (is_use()) {
		note_use();
		add_events(former_statement);
		return 0;
	}
	note_lines(aTHX);
	for (size_t i = 0; i < tree.count; i++)
		if (may_set_debugger_variable(aTHX_ i))
			tree.nodes[i].op->op_ppaddr = debugger_variable;
	if (root->op_type == OP_LEAVESUB || root->op_type == OP_LEAVESUBLV)
		cc_perl_sources_sub(root,
				    PL_compcv && CvANON(PL_compcv) && PL_curstash
					    ? HvNAME(PL_curstash)
					    : NULL,
				    CopFILE(PL_curcop), (unsigned)PL_subline, CopLINE(PL_curcop));
	add_events(former_statement);
	return is_file;
}
