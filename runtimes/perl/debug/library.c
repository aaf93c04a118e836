/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/namespace.h"
#include "runtimes/perl/debug/functions.h"
#include "runtimes/perl/debug/library.h"
#include "runtimes/perl/debug/value.h"

/* Where our code finds the parts of perl5db.pl, and perl's own modules. */
static void set_paths(pTHX)
{
	sv_setpv(get_sv("Crosscut::Debugger::parts", GV_ADD),
		 cc_namespace_beside("perl/perl5db-parts"));
	sv_setpv(get_sv("Crosscut::Debugger::library", GV_ADD), PRIVLIB_EXP);
	av_push(get_av("Crosscut::Debugger::libraries", GV_ADD),
		newSVpvs("/usr/lib/x86_64-linux-gnu/perl-base"));
	av_push(get_av("Crosscut::Debugger::libraries", GV_ADD), newSVpvs(ARCHLIB_EXP));
	av_push(get_av("Crosscut::Debugger::libraries", GV_ADD), newSVpvs(PRIVLIB_EXP));
}

/*
 * What is ours is nothing that DB::sub is to be told of: perl calls a tied array's methods through
 * it, too.
 */
static void hide_subs(pTHX_ HV *stash)
{
	char *name;
	I32 length;
	SV *value;

	hv_iterinit(stash);
	while ((value = hv_iternextsv(stash, &name, &length))) {
		const GV *gv = isGV_with_GP(value) ? (const GV *)value : NULL;
		CV *code = gv						     ? GvCV(gv)
			   : SvROK(value) && SvTYPE(SvRV(value)) == SVt_PVCV ? (CV *)SvRV(value)
									     : NULL;

		if (code)
			CvNODEBUG_on(code);
		if (gv && length > 2 && name[length - 1] == ':' && GvHV(gv))
			hide_subs(aTHX_ GvHV(gv));
	}
}

void cc_perl_library_load(pTHX_ const char *name)
{
	char *path = cc_namespace_beside(name);

	cc_perl_functions_define(aTHX);
	set_paths(aTHX);
	require_pv(path);
	hide_subs(aTHX_ gv_stashpvs("Crosscut", GV_ADD));
}

json_t *cc_perl_library_call(pTHX_ const char *function, const json_t *argument)
{
	json_t *result;
	dSP;

	ENTER;
	SAVETMPS;
	PUSHMARK(SP);
	XPUSHs(sv_2mortal(cc_perl_from_json(aTHX_ argument)));
	PUTBACK;
	call_pv(function, G_SCALAR);
	SPAGAIN;
	result = cc_perl_to_json(aTHX_ POPs);
	PUTBACK;
	FREETMPS;
	LEAVE;
	return result;
}
