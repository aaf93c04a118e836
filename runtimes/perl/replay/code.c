/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statements of a perl's code, from its op trees, for hooks that must know of those that never
 * run.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/heap.h"
#include "runtimes/perl/replay/hooks.h"

#define STASH_DEPTH_MAX 40

static struct cc_hooks_met files, subs, stashes;

struct lines {
	const char *file; /* of what it is about: an op tree may hold others' (#line) */
	const char *in;	  /* the last statement's: an ex-nextstate's own is freed */
	unsigned *line;
	size_t count;
};

static void add(struct lines *lines, const COP *cop)
{
	if (lines->in != lines->file || !cc_perl_line(cop))
		return;
	cc_heap_room(lines->line, lines->count);
	lines->line[lines->count++] = cc_perl_line(cop);
}

static void walk(struct lines *lines, const OP *op)
{
	if (op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE) {
		lines->in = cc_perl_file((const COP *)op);
		add(lines, (const COP *)op);
	} else if (cc_perl_is_former(op)) {
		add(lines, (const COP *)op);
	}
	if (op->op_flags & OPf_KIDS)
		for (const OP *kid = cUNOPx(op)->op_first; kid; kid = OpSIBLING(kid))
			walk(lines, kid);
}

static void tell(const char *file, const char *sub, const OP *root)
{
	struct lines lines = {.file = file, .in = file};
	struct cc_hook_code code = {.sub = sub, .file = file};

	walk(&lines, root);
	code.lines = lines.line;
	code.count = cc_hooks_sort_lines(lines.line, lines.count);
	if (code.count) {
		code.line = lines.line[0];
		cc_hooks_code(&code);
	}
	free(lines.line);
}

/* The first statement's file: CvFILE is freed with the file's own code. */
static const char *file_of(const OP *op)
{
	const char *file = NULL;

	if (op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE)
		return cc_perl_file((const COP *)op);
	if (op->op_flags & OPf_KIDS)
		for (const OP *kid = cUNOPx(op)->op_first; kid && !file; kid = OpSIBLING(kid))
			file = file_of(kid);
	return file;
}

static void report_sub(const CV *cv);

/* Anonymous subs, and `my sub`, stand in the pad of the one that they are in. */
static void report_inner(const CV *cv)
{
	const PADLIST *list = CvPADLIST(cv);
	const PADNAMELIST *names = list ? PadlistNAMES(list) : NULL;

	for (SSize_t i = 1;
	     names && i <= PadnamelistMAX(names) && i <= PadMAX(PadlistARRAY(list)[1]); i++) {
		const PADNAME *name = PadnamelistARRAY(names)[i];
		const SV *sv = PadARRAY(PadlistARRAY(list)[1])[i];

		if (name && PadnamePV(name) && *PadnamePV(name) == '&' && sv &&
		    SvTYPE(sv) == SVt_PVCV)
			report_sub((const CV *)sv);
	}
}

static void report_sub(const CV *cv)
{
	const char *file;

	if (CvISXSUB(cv) || !CvROOT(cv) || !CvSTART(cv) || !cc_hooks_meet(&subs, CvROOT(cv)))
		return;
	file = file_of(CvROOT(cv));
	if (file)
		tell(file, cc_perl_sub_name(cv), CvROOT(cv));
	report_inner(cv);
}

static void report_stash(const HV *stash, int depth)
{
	if (!HvARRAY(stash) || depth > STASH_DEPTH_MAX || !cc_hooks_meet(&stashes, stash))
		return;
	for (STRLEN i = 0; i <= HvMAX(stash); i++)
		for (const HE *entry = HvARRAY(stash)[i]; entry; entry = HeNEXT(entry)) {
			const SV *sv = HeVAL(entry);

			if (sv && SvROK(sv) && SvTYPE(SvRV(sv)) == SVt_PVCV)
				report_sub((const CV *)SvRV(sv));
			if (!sv || !isGV_with_GP(sv))
				continue;
			if (GvCV((const GV *)sv) && !GvCVGEN((const GV *)sv))
				report_sub(GvCV((const GV *)sv));
			if (GvHV((const GV *)sv) && HeKLEN(entry) > 2 &&
			    !memcmp(HeKEY(entry) + HeKLEN(entry) - 2, "::", 2))
				report_stash(GvHV((const GV *)sv), depth + 1);
		}
}

void cc_perl_code(pTHX_ const COP *in)
{
	struct cc_perl_place place = {PL_curstackinfo, cxstack_ix};
	const char *file = cc_perl_file(in);
	const CV *cv;
	I32 depth;

	cv = cc_perl_code_at(aTHX_ place, &depth);
	if (cv != PL_main_cv && !CvEVAL(cv))
		return; /* in a sub: its file will run, or does */
	if (!strncmp(file, "(eval ", 6) || !cc_hooks_meet(&files, file))
		return;
	if (cv == PL_main_cv && PL_main_root)
		tell(file, cc_hooks_text(""), PL_main_root);
	else if (PL_eval_root)
		tell(file, cc_hooks_text(""), PL_eval_root);
	free(stashes.slots);
	stashes = (struct cc_hooks_met){0};
	report_stash(PL_defstash, 0);
	report_inner(cv);
}
