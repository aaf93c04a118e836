/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a perl is, read from its context stack without disturbing it. */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/replay/hooks.h"

#define NAMES 256

const PERL_CONTEXT *cc_perl_sub_at(struct cc_perl_place *place)
{
	while (place->stack) {
		for (; place->index >= 0; place->index--) {
			const PERL_CONTEXT *context = &place->stack->si_cxstack[place->index];

			if (CxTYPE(context) == CXt_SUB)
				return context;
		}
		place->stack = place->stack->si_prev;
		place->index = place->stack ? place->stack->si_cxix : -1;
	}
	return NULL;
}

static size_t add(char *text, size_t have, size_t size, const char *part, size_t length)
{
	if (length > size - 1 - have)
		length = size - 1 - have;
	memcpy(text + have, part, length);
	text[have + length] = '\0';
	return have + length;
}

/* By address; what stands there may be another one by now, of another name. */
const char *cc_perl_sub_name(const CV *cv)
{
	static struct {
		const CV *cv;
		const HEK *name;
		const HV *stash;
		const char *text;
	} known[NAMES], *slot = known;
	const XPVCV *body = (const XPVCV *)SvANY(cv);
	const GV *gv = CvNAMED(cv) ? NULL : body->xcv_gv_u.xcv_gv;
	const HEK *name = CvNAMED(cv)		   ? body->xcv_gv_u.xcv_hek
			  : gv && isGV_with_GP(gv) ? GvNAME_HEK(gv)
						   : NULL;
	const HV *stash = CvNAMED(cv) ? CvSTASH(cv) : name ? GvSTASH(gv) : NULL;
	const char *package = stash ? HvNAME_get(stash) : NULL;
	char text[1024] = "";
	size_t have = 0;

	slot = &known[(uintptr_t)cv / sizeof(CV) % NAMES];
	if (slot->text && slot->cv == cv && slot->name == name && slot->stash == stash)
		return slot->text;
	have = add(text, have, sizeof(text), package ? package : "__ANON__",
		   strlen(package ? package : "__ANON__"));
	have = add(text, have, sizeof(text), "::", 2);
	add(text, have, sizeof(text), name ? HEK_KEY(name) : "__ANON__",
	    name ? (size_t)HEK_LEN(name) : 8);
	slot->cv = cv;
	slot->name = name;
	slot->stash = stash;
	return slot->text = cc_hooks_text(text);
}

const char *cc_perl_file(const COP *cop)
{
	static struct cc_hooks_known known[NAMES];
	const char *file = CopFILE(cop);

	return file ? cc_hooks_known(&known[(uintptr_t)file / 16 % NAMES], file)
		    : cc_hooks_text("");
}

unsigned cc_perl_line(const COP *cop)
{
	return CopLINE(cop) == NOLINE ? 0 : CopLINE(cop);
}
