/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What modules in C do to perl's ops while a program runs, as subs of a package "wraps": for t/0650-frames.t, which
 * builds it.
 *	wraps::table()    each function in PL_ppaddr, with a host call before and behind it (Devel::NYTProf)
 *	wraps::check()    those of ops that are compiled from now on, by PL_check (B::Hooks::OP::Check)
 *	wraps::replace()  time and stat, by functions that do not call perl's (Overload::FileCheck)
 *	wraps::loop()     the run loop, by one of its own from the next sub call on (Devel::Cover)
 *	wraps::calls()    readline and eof, on the C stack (IO::Handle)
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>

static Perl_ppaddr_t original[MAXO];
static Perl_check_t checked;
static int told;

static void look_at_the_clock(void)
{
	struct timespec now;

	told += clock_gettime(CLOCK_MONOTONIC, &now) == 0;
}

static OP *around(pTHX)
{
	OP *next;

	look_at_the_clock();
	next = original[PL_op->op_type](aTHX);
	look_at_the_clock();
	return next;
}

static OP *around_open(pTHX)
{
	OP *next = PL_ppaddr[OP_OPEN](aTHX);

	look_at_the_clock();
	return next;
}

static OP *check_open(pTHX_ OP *op)
{
	op = checked(aTHX_ op);
	op->op_ppaddr = around_open;
	return op;
}

static OP *own_time(pTHX)
{
	dSP;

	look_at_the_clock();
	EXTEND(SP, 1);
	PUSHs(sv_2mortal(newSVpvs("a time")));
	RETURN;
}

static OP *own_stat(pTHX)
{
	dSP;
	struct stat info;

	(void)POPs;
	PUTBACK;
	return stat("nowhere", &info) ? NORMAL : NULL;
}

static int own_loop(pTHX)
{
	while ((PL_op = PL_op->op_ppaddr(aTHX)))
		told++;
	return 0;
}

/* For ops that are compiled from now on. */
XS(xs_table)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	memcpy(original, PL_ppaddr, sizeof(original));
	for (int i = 0; i < MAXO; i++)
		PL_ppaddr[i] = around;
	XSRETURN_EMPTY;
}

XS(xs_check)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	checked = PL_check[OP_OPEN];
	PL_check[OP_OPEN] = check_open;
	XSRETURN_EMPTY;
}

XS(xs_replace)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	PL_ppaddr[OP_TIME] = own_time;
	PL_ppaddr[OP_STAT] = own_stat;
	XSRETURN_EMPTY;
}

XS(xs_loop)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	PL_runops = own_loop;
	XSRETURN_EMPTY;
}

/* By an op that is nowhere but here; its result. */
static SV *call_op(pTHX_ unsigned type, SV *handle)
{
	UNOP op = {.op_type = type, .op_ppaddr = PL_ppaddr[type], .op_flags = OPf_WANT_SCALAR, .op_private = 1};
	OP *was = PL_op;
	SV *pad = PL_curpad[0], *result;
	dSP;

	PL_curpad[0] = sv_newmortal(); /* its target */
	PL_op = (OP *)&op;
	XPUSHs(handle);
	PUTBACK;
	PL_ppaddr[type](aTHX);
	SPAGAIN;
	result = sv_mortalcopy(POPs);
	PUTBACK;
	PL_curpad[0] = pad;
	PL_op = was;
	return result;
}

XS(xs_calls)
{
	dXSARGS;
	SV *handle, *line, *at_end;

	if (items != 1 || !SvROK(ST(0)))
		croak("wraps::calls(handle)");
	handle = SvRV(ST(0));
	line = call_op(aTHX_ OP_READLINE, handle);
	at_end = call_op(aTHX_ OP_EOF, handle);
	EXTEND(SP, 2);
	ST(0) = line;
	ST(1) = at_end;
	XSRETURN(2);
}

XS(xs_told)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	EXTEND(SP, 1);
	ST(0) = sv_2mortal(newSViv(told));
	XSRETURN(1);
}

XS_EXTERNAL(boot_wraps);
XS_EXTERNAL(boot_wraps)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	newXS("wraps::table", xs_table, __FILE__);
	newXS("wraps::check", xs_check, __FILE__);
	newXS("wraps::replace", xs_replace, __FILE__);
	newXS("wraps::loop", xs_loop, __FILE__);
	newXS("wraps::calls", xs_calls, __FILE__);
	newXS("wraps::told", xs_told, __FILE__);
	XSRETURN_YES;
}
