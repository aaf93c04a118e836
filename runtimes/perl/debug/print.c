/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/print.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/debug/print.h"

static void add_name(char *text, size_t size, const HEK *name)
{
	size_t have = strlen(text);

	if (name && HEK_LEN(name) > 0)
		snprintf(text + have, size - have, "%.*s", (int)HEK_LEN(name), HEK_KEY(name));
}

static void name_sub(const CV *cv, char *text, size_t size)
{
	const XPVCV *body = (const XPVCV *)SvANY((const SV *)cv);
	const GV *gv = CvNAMED(cv) ? NULL : body->xcv_gv_u.xcv_gv;

	*text = '\0';
	if (!CvNAMED(cv) && !gv)
		return;
	add_name(text, size - 2, cc_perl_stash_name(gv ? GvSTASH(gv) : CvSTASH(cv)));
	strcat(text, "::");
	add_name(text, size, gv ? GvNAME_HEK(gv) : body->xcv_gv_u.xcv_hek);
}

/* The sub whose first statement this is, or NULL: nothing stands between its call and it. */
static const CV *entered(pTHX)
{
	const PERL_CONTEXT *context = CX_CUR();

	return cxstack_ix >= 0 && CxTYPE(context) == CXt_SUB &&
			       CvSTART(context->blk_sub.cv) == PL_op
		       ? context->blk_sub.cv
		       : NULL;
}

void cc_perl_print_event(pTHX_ const char *file, unsigned line)
{
	const CV *cv = cc_prints.functions ? entered(aTHX) : NULL;
	char function[1024];

	if (cv)
		name_sub(cv, function, sizeof(function));
	if (cv || cc_print_wants(line))
		cc_print_event(file, line, cv ? function : NULL);
}
