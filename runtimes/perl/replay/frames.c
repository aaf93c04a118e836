/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "runtimes/perl/replay/frames.h"

static I32 outer(const PERL_CONTEXT *context)
{
	switch (CxTYPE(context)) {
	case CXt_SUB:
		return context->blk_sub.old_cxsubix;
	case CXt_FORMAT:
		return context->blk_format.old_cxsubix;
	case CXt_EVAL:
		return context->blk_eval.old_cxsubix;
	}
	return -1;
}

static int is_comparison(const PERL_SI *info, const PERL_CONTEXT *context)
{
	return info->si_type == PERLSI_SORT && context->blk_sub.old_cxsubix < 0 &&
	       !context->blk_sub.retop;
}

static void push(struct cc_perl_frames *frames, uint64_t frame)
{
	cc_heap_room(frames->at, frames->count);
	frames->at[frames->count++] = frame;
}

static void reverse(struct cc_perl_frames *frames)
{
	for (unsigned i = 0, j = frames->count; i + 1 < j; i++) {
		uint64_t frame = frames->at[i];

		frames->at[i] = frames->at[--j];
		frames->at[j] = frame;
	}
}

void cc_perl_frames_now(pTHX_ struct cc_perl_frames *frames)
{
	frames->count = frames->comparing = 0;
	frames->chain = 0;
	for (const PERL_SI *info = PL_curstackinfo; info; info = info->si_prev) {
		const PERL_CONTEXT *context;

		frames->chain = (uintptr_t)info;
		for (I32 i = info->si_cxsubix; i >= 0; i = outer(context)) {
			context = &info->si_cxstack[i];
			if (CxTYPE(context) != CXt_SUB)
				continue;
			if (is_comparison(info, context))
				frames->comparing += !frames->count;
			else
				push(frames, (uintptr_t)context->blk_sub.cv * 31 ^
						     (uintptr_t)context->blk_sub.retop ^
						     (uintptr_t)context->blk_oldcop << 8);
		}
	}
	reverse(frames);
}

unsigned cc_perl_frames_common(const struct cc_perl_frames *a, const struct cc_perl_frames *b)
{
	unsigned common = 0;

	if (a->chain != b->chain)
		return 0;
	while (common < a->count && common < b->count && a->at[common] == b->at[common])
		common++;
	return common;
}

const PERL_CONTEXT *cc_perl_frames_sub(pTHX)
{
	for (const PERL_SI *info = PL_curstackinfo; info; info = info->si_prev) {
		const PERL_CONTEXT *context;

		for (I32 i = info->si_cxsubix; i >= 0; i = outer(context)) {
			context = &info->si_cxstack[i];
			if (CxTYPE(context) == CXt_SUB)
				return context;
		}
	}
	return NULL;
}
