/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Perl as the stages see it. The offsets are those of perl's own headers: this file is compiled
 * against the perl whose runs it understands, and that perl's version is in the table.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/state/runtime.h"
#include "runtimes/perl/replay/valued.h"
#include "runtimes/perl/state/symbols.h"

static const char *const symbols[] = {
	[AT_CURINTERP] = "PL_curinterp",
	[AT_PPADDR] = "PL_ppaddr",
	[AT_RUNOPS] = "Perl_runops_standard",
	[AT_COUNT] = NULL,
};

static const char *const op_names[] = {
#include "perl-opnames.h" /* generated: opcode names in order of number */
};

/* Reads of the interpreter's memory: into a variable of the header's own type. */
struct perl {
	const struct cc_memory *memory;
	uint64_t interpreter;
};
#define READ(perl, address, object)                                                                \
	((perl)->memory->read((perl)->memory->context, (uint64_t)(uintptr_t)(address), &(object),  \
			      sizeof(object)))
#define FIELD(perl, field) ((perl)->interpreter + offsetof(struct interpreter, field))

static int attach(struct perl *perl, const struct cc_memory *memory, const uint64_t *at)
{
	perl->memory = memory;
	return READ(perl, at[AT_CURINTERP], perl->interpreter) || !perl->interpreter ? -1 : 0;
}

/* A C string, up to size - 1 bytes of it: page by page, as what follows it may not be mapped. */
static int read_string(const struct perl *perl, const void *from, char *text, size_t size)
{
	uint64_t address = (uint64_t)(uintptr_t)from;
	size_t have = 0;

	text[0] = '\0';
	while (from && have < size - 1) {
		size_t chunk = 64 - (address + have) % 64;
		char *end;

		if (chunk > size - 1 - have)
			chunk = size - 1 - have;
		if (perl->memory->read(perl->memory->context, address + have, text + have, chunk)) {
			text[have] = '\0';
			return -1;
		}
		end = memchr(text + have, '\0', chunk);
		if (end)
			return 0;
		have += chunk;
	}
	text[have] = '\0';
	return 0;
}

static void append_hek(const struct perl *perl, const HEK *hek, char *text, size_t size)
{
	size_t have = strlen(text);
	I32 length;

	if (!hek || READ(perl, &hek->hek_len, length) || length <= 0)
		return;
	if ((size_t)length > size - 1 - have)
		length = (I32)(size - 1 - have);
	if (perl->memory->read(perl->memory->context, (uint64_t)(uintptr_t)hek->hek_key,
			       text + have, (size_t)length))
		length = 0;
	text[have + (size_t)length] = '\0';
}

static void append_stash(const struct perl *perl, const HV *stash, char *text, size_t size)
{
	struct hv head;
	struct xpvhv_with_aux body;
	HEK *name;

	if (!stash || READ(perl, stash, head) || !(head.sv_flags & SVf_OOK) ||
	    READ(perl, head.sv_any, body))
		return;
	name = body.xhv_aux.xhv_name_u.xhvnameu_name;
	if (body.xhv_aux.xhv_name_count && READ(perl, name, name))
		return;
	append_hek(perl, name, text, size);
}

static void name_cv(const struct perl *perl, const CV *cv, char *text, size_t size)
{
	struct cv head;
	struct xpvcv body;
	struct gv gv;
	struct xpvgv gv_body;
	const HEK *name;
	const HV *stash;

	text[0] = '\0';
	if (!cv || READ(perl, cv, head) || READ(perl, head.sv_any, body))
		return;
	if (body.xcv_flags & CVf_NAMED) {
		name = body.xcv_gv_u.xcv_hek;
		stash = body.xcv_stash;
	} else {
		if (!body.xcv_gv_u.xcv_gv || READ(perl, body.xcv_gv_u.xcv_gv, gv) ||
		    READ(perl, gv.sv_any, gv_body))
			return;
		name = gv_body.xiv_u.xivu_namehek;
		stash = gv_body.xnv_u.xgv_stash;
	}
	append_stash(perl, stash, text, size - 2);
	strcat(text, "::");
	append_hek(perl, name, text, size);
}

/* The innermost sub: along the chain of sub, eval and format contexts, stack by stack. */
static void name_sub(const struct perl *perl, const PERL_SI *info, char *text, size_t size)
{
	PERL_SI si;
	PERL_CONTEXT context;

	text[0] = '\0';
	for (int depth = 0; info && depth < 64; depth++, info = si.si_prev) {
		if (READ(perl, info, si))
			return;
		for (I32 i = si.si_cxsubix; i >= 0 && i <= si.si_cxix;
		     i = context.blk_sub.old_cxsubix) {
			if (READ(perl, si.si_cxstack + i, context))
				return;
			if (CxTYPE(&context) == CXt_SUB) {
				name_cv(perl, context.blk_sub.cv, text, size);
				return;
			}
			if (context.blk_sub.old_cxsubix >= i)
				return;
		}
	}
}

static void read_op(const struct perl *perl, const OP *address, struct cc_frame_text *text)
{
	OP op;

	if (!address || READ(perl, address, op))
		return;
	text->op_address = (uint64_t)(uintptr_t)address;
	if (op.op_type < C_ARRAY_LENGTH(op_names)) {
		snprintf(text->op, sizeof(text->op), "%s", op_names[op.op_type]);
		text->valued = cc_perl_valued(op.op_type);
	}
}

/* ---- the end of the program ---- */

#define STATEMENTS_MAX 1000000 /* ops of the main program that are looked at */

static int is_statement(const OP *op)
{
	return op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE;
}

/* Where the main program comes to its end by itself: the last statement of its file. */
static const OP *last_of_main(const struct perl *perl)
{
	const OP *at, *found = NULL;
	UNOP root;
	OP op;

	if (READ(perl, FIELD(perl, Imain_root), at) || !at || READ(perl, at, root) ||
	    !(root.op_flags & OPf_KIDS))
		return NULL;
	at = root.op_first;
	for (int left = STATEMENTS_MAX; at && left && !READ(perl, at, op); left--) {
		if (is_statement(&op))
			found = at;
		at = op.op_moresib ? op.op_sibparent : NULL;
	}
	return found;
}

/* Is this what code is compiled under, at no line? */
static int is_nowhere(const struct perl *perl, const COP *curcop, uint32_t line)
{
	return (uint64_t)(uintptr_t)curcop == FIELD(perl, Icompiling) && !line;
}

/* Where a statement is: its line, and its file's name; 0: it is not known. */
static uint32_t place_of(const struct perl *perl, const void *statement, char file[CC_TEXT_MAX])
{
	COP cop;

	*file = '\0';
	if (!statement || READ(perl, statement, cop) || cop.cop_line == NOLINE ||
	    read_string(perl, cop.cop_file, file, CC_TEXT_MAX))
		return 0;
	return cop.cop_line;
}

static void perl_ends(const struct cc_memory *memory, const uint64_t *at,
		      struct cc_frame_text *text)
{
	struct perl perl;
	const COP *curcop;

	if (attach(&perl, memory, at) || READ(&perl, FIELD(&perl, Icurcop), curcop))
		return;
	text->last.line = place_of(&perl, curcop, text->last.file);
	if (is_nowhere(&perl, curcop, text->last.line))
		text->last.line = place_of(&perl, last_of_main(&perl), text->last.file);
}

/*
 * The main program has left all its contexts, and PL_curcop is again what code is compiled under,
 * at no line. Later output, of what perl flushes and destroys, is of the statement that led there.
 */
static void see_end(const struct perl *perl, const COP *curcop, const PERL_SI *info,
		    enum perl_phase phase, struct cc_frame_text *text)
{
	PERL_SI si;

	if (!is_nowhere(perl, curcop, text->frame.line) || phase < PERL_PHASE_RUN || !info ||
	    READ(perl, info, si) || si.si_prev || si.si_cxix >= 0)
		return;
	text->ended = 1;
	if (!text->last.line)
		return;
	text->frame.line = text->last.line;
	strcpy(text->file, text->last.file);
}

/* The part of struct interpreter that a frame is made of, read at once. */
#define PART_BEGIN offsetof(struct interpreter, Iop)
#define PART_END (offsetof(struct interpreter, Icurstackinfo) + sizeof(PERL_SI *))
#define PART(part, type, field)                                                                    \
	(*(type *)((part) + offsetof(struct interpreter, field) - PART_BEGIN))

static int perl_frame(const struct cc_memory *memory, const uint64_t *at,
		      struct cc_frame_text *text)
{
	struct perl perl;
	char part[PART_END - PART_BEGIN] __attribute__((aligned(8)));
	enum perl_phase phase = PERL_PHASE_CONSTRUCT;
	COP *curcop, cop;

	text->frame = (struct cc_frame){text->op, text->file, 0, text->sub};
	text->file[0] = text->sub[0] = text->op[0] = '\0';
	text->op_address = 0;
	text->valued = text->ended = 0;
	if (attach(&perl, memory, at) || READ(&perl, perl.interpreter + PART_BEGIN, part))
		return -1;
	/* In global destruction PL_op is left pointing to memory that was freed. */
	if (!READ(&perl, FIELD(&perl, Iphase), phase) && phase != PERL_PHASE_DESTRUCT)
		read_op(&perl, PART(part, OP *, Iop), text);
	curcop = PART(part, COP *, Icurcop);
	if (curcop && !READ(&perl, curcop, cop)) {
		text->frame.line = cop.cop_line == NOLINE ? 0 : cop.cop_line;
		read_string(&perl, cop.cop_file, text->file, sizeof(text->file));
	}
	see_end(&perl, curcop, PART(part, PERL_SI *, Icurstackinfo), phase, text);
	name_sub(&perl, PART(part, PERL_SI *, Icurstackinfo), text->sub, sizeof(text->sub));
	return 0;
}

static uint64_t perl_op(const struct cc_memory *memory, const uint64_t *at)
{
	struct perl perl;
	OP *op;

	if (attach(&perl, memory, at) || READ(&perl, FIELD(&perl, Iop), op))
		return 0;
	return (uint64_t)(uintptr_t)op;
}

static void value_string(const struct perl *perl, const SV *sv, const void *any,
			 struct cc_value *value, char *text, size_t size)
{
	struct xpv body;
	size_t length;

	if (READ(perl, any, body))
		return;
	length = body.xpv_cur < size ? body.xpv_cur : size;
	if (perl->memory->read(perl->memory->context, (uint64_t)(uintptr_t)sv->sv_u.svu_pv, text,
			       length))
		return;
	value->kind = CC_VALUE_STRING;
	value->data = text;
	value->length = length;
}

static void value_number(const struct perl *perl, U32 flags, const void *any,
			 struct cc_value *value)
{
	XPVNV body;

	if (flags & SVf_NOK) {
		if (READ(perl, (const char *)any + offsetof(XPVNV, xnv_u), body.xnv_u))
			return;
		value->kind = CC_VALUE_DOUBLE;
		value->d = body.xnv_u.xnv_nv;
		return;
	}
	if (READ(perl, (const char *)any + offsetof(XPVIV, xiv_u), body.xiv_u))
		return;
	value->kind = flags & SVf_IVisUV ? CC_VALUE_UINT : CC_VALUE_INT;
	value->i = body.xiv_u.xivu_iv;
}

/*
 * At the bottom of its stack perl keeps an undefined value: that is what an empty list has for a
 * result there.
 */
static void perl_value(const struct cc_memory *memory, const uint64_t *at, struct cc_value *value,
		       char *text, size_t size)
{
	struct perl perl;
	SV **top, *address, sv;

	memset(value, 0, sizeof(*value));
	value->kind = CC_VALUE_OTHER;
	if (attach(&perl, memory, at) || READ(&perl, FIELD(&perl, Istack_sp), top) ||
	    READ(&perl, top, address) || !address || READ(&perl, address, sv))
		return;
	if (SvTYPE(&sv) > SVt_PVMG || sv.sv_flags & SVf_ROK)
		return;
	if (sv.sv_flags & SVf_POK)
		value_string(&perl, &sv, sv.sv_any, value, text, size);
	else if (sv.sv_flags & (SVf_IOK | SVf_NOK))
		value_number(&perl, sv.sv_flags, sv.sv_any, value);
	else
		value->kind = CC_VALUE_UNDEF;
}

/*
 * Within 5.36 structs stay as they are; perl's own handshake with XS modules looks at the same
 * size.
 */
static const struct cc_mark marks[] = {
	{"PL_revision", 1, UINT64_MAX, PERL_REVISION},
	{"PL_version", 1, UINT64_MAX, PERL_VERSION},
	{"PL_subversion", 1, 0, PERL_SUBVERSION},
	{"PL_interp_size", 2, UINT64_MAX, sizeof(struct interpreter)},
	{NULL, 0, 0, 0},
};

static void name_version(const uint64_t values[CC_MARKS_MAX], char *text, size_t size)
{
	snprintf(text, size, "%u.%u.%u", (unsigned)values[0], (unsigned)values[1],
		 (unsigned)values[2]);
}

const struct cc_runtime cc_perl_runtime = {
	.name = "perl",
	.version = PERL_VERSION_STRING,
	.kind = "plog",
	.symbols = symbols,
	.frame = perl_frame,
	.ends = perl_ends,
	.op = perl_op,
	.value = perl_value,
	.marks = marks,
	.name_version = name_version,
};
