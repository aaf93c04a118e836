/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second perl's side (analysis.h): everything of perl's here is its own; the program's is not
 * touched.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>

#include "runtimes/perl/analysis/analysis.h"

#define DEPTH_MAX 6
#define COUNT_MAX 10000
#define EXPORT __attribute__((visibility("default")))

static const struct cc_hook_functions *functions;
static PerlInterpreter *my_perl;

/* ---- values ---- */

static SV *value_of(pTHX_ const struct cc_hook_value *value, int depth);

static SV *text_of(pTHX_ const char *text, size_t length)
{
	SV *sv = newSVpvn(text, length);

	for (size_t i = 0; i < length; i++)
		if ((uint8_t)text[i] > 0x7f) {
			sv_utf8_decode(sv);
			break;
		}
	return sv;
}

/* A list becomes an array, what has named elements a hash. */
static SV *elements(pTHX_ const struct cc_hook_value *container, int as_hash, int depth)
{
	AV *av = as_hash ? NULL : newAV();
	HV *hv = as_hash ? newHV() : NULL;
	struct cc_hook_value key, element;

	for (size_t i = 0; depth < DEPTH_MAX && i < COUNT_MAX; i++) {
		SV *own;

		if (functions->element(container, i, &key, &element))
			break;
		own = value_of(aTHX_ & element, depth + 1);
		if (av) {
			av_push(av, own);
		} else {
			SV *name = value_of(aTHX_ & key, depth + 1);

			if (!hv_store_ent(hv, name, own, 0))
				SvREFCNT_dec(own);
			SvREFCNT_dec(name);
		}
	}
	return newRV_noinc(av ? (SV *)av : (SV *)hv);
}

/* No copy is of the program's class: its DESTROY would be called. */
static SV *object_of(pTHX_ const struct cc_hook_value *value, int depth)
{
	struct cc_hook_value key, element;
	int has_names =
		!functions->element(value, 0, &key, &element) && key.kind != CC_HOOK_INTEGER;
	HV *hv = newHV();

	(void)hv_stores(hv, "class", newSVpv(value->text, 0));
	(void)hv_stores(hv, "address", newSVuv(value->address));
	(void)hv_stores(hv, "value", elements(aTHX_ value, has_names, depth));
	return sv_bless(newRV_noinc((SV *)hv), gv_stashpvs("Crosscut::Hook::Object", GV_ADD));
}

static SV *value_of(pTHX_ const struct cc_hook_value *value, int depth)
{
	switch (value->kind) {
	case CC_HOOK_INTEGER:
		return newSViv(value->integer);
	case CC_HOOK_UNSIGNED:
		return newSVuv(value->unsigned_integer);
	case CC_HOOK_NUMBER:
		return newSVnv(value->number);
	case CC_HOOK_TEXT:
		return text_of(aTHX_ value->text, value->length);
	case CC_HOOK_BYTES:
		return newSVpvn(value->text, value->length);
	case CC_HOOK_OTHER:
		if (!strcmp(value->text, "ARRAY") || !strcmp(value->text, "strings"))
			return elements(aTHX_ value, 0, depth);
		if (!strcmp(value->text, "HASH"))
			return elements(aTHX_ value, 1, depth);
		return object_of(aTHX_ value, depth);
	default:
		return newSV(0);
	}
}

static SV *frame_of(pTHX_ const struct cc_hook_frame *frame)
{
	HV *hv = newHV();

	(void)hv_stores(hv, "file", newSVpv(frame->file, 0));
	(void)hv_stores(hv, "line", newSVuv(frame->line));
	(void)hv_stores(hv, "sub", newSVpv(frame->sub, 0));
	return newRV_noinc((SV *)hv);
}

static SV *call_of(pTHX_ const struct cc_hook_call *call)
{
	struct cc_hook_frame own = {call->file, call->line, call->sub};
	SV *result = frame_of(aTHX_ & own);

	(void)hv_stores((HV *)SvRV(result), "caller", frame_of(aTHX_ & call->caller));
	return result;
}

/* ---- what users ask ---- */

XS(ask_frame)
{
	dXSARGS;
	struct cc_hook_frame frame;

	if (items != 1 || functions->frame((unsigned)SvUV(ST(0)), &frame))
		XSRETURN_EMPTY;
	ST(0) = sv_2mortal(frame_of(aTHX_ & frame));
	XSRETURN(1);
}

XS(count_moments)
{
	dXSARGS;

	if (items || functions->count_moments())
		croak("count_moments: it is too late: call it while the hook's file is run");
	XSRETURN_EMPTY;
}

XS(ask_moment)
{
	dXSARGS;
	struct cc_hook_moment moment;

	if (items || functions->moment(&moment))
		croak("moment: they are not counted: call count_moments() while the hook's file is "
		      "run");
	EXTEND(SP, 2);
	ST(0) = sv_2mortal(newSVuv(moment.calls));
	ST(1) = sv_2mortal(newSVuv(moment.events));
	XSRETURN(2);
}

XS(ask_variable)
{
	dXSARGS;
	struct cc_hook_value value;

	if (items != 2 || functions->variable((unsigned)SvUV(ST(1)), SvPV_nolen(ST(0)), &value))
		XSRETURN_EMPTY;
	ST(0) = sv_2mortal(value_of(aTHX_ & value, 0));
	XSRETURN(1);
}

XS(ask_argument)
{
	dXSARGS;
	struct cc_hook_value value;
	const char *name;

	if (items != 1 || functions->argument((unsigned)SvUV(ST(0)), &name, &value))
		XSRETURN_EMPTY;
	EXTEND(SP, 2);
	ST(0) = sv_2mortal(newSVpv(name, 0));
	ST(1) = sv_2mortal(value_of(aTHX_ & value, 0));
	XSRETURN(2);
}

XS(ask_result)
{
	dXSARGS;
	struct cc_hook_value value;
	int error;

	if (items || functions->result(&value, &error))
		XSRETURN_EMPTY;
	EXTEND(SP, 2);
	ST(0) = sv_2mortal(value_of(aTHX_ & value, 0));
	ST(1) = sv_2mortal(newSViv(error));
	XSRETURN(2);
}

/* What fails as a disk does, rather than as a program does. */
static int is_output_error(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO ||
	       error == EROFS || error == EPIPE;
}

static void fail(pTHX_ SV *text)
{
	functions->fail(SvPV_nolen(text));
}

/* fail(TEXT): what the hook was to find out is not whole. */
XS(say_fail)
{
	dXSARGS;

	if (items)
		fail(aTHX_ sv_2mortal(newSVpvf("--hook %s", SvPV_nolen(ST(0)))));
	XSRETURN_EMPTY;
}

XS(ask_past)
{
	dXSARGS;

	if (items)
		XSRETURN_EMPTY;
	XSRETURN_IV(functions->past());
}

XS(ask_process)
{
	dXSARGS;

	if (items)
		XSRETURN_EMPTY;
	XSRETURN_IV(functions->process());
}

XS(ask_prefix)
{
	dXSARGS;

	if (items)
		XSRETURN_EMPTY;
	XSRETURN_PV(functions->prefix());
}

/* ---- events ---- */

enum { STATEMENTS, OPS, ENTERED, LEFT, EXCEPTIONS, HOST_CALLS, HOST_CALLED, FORKED, ENDED, EVENTS };
static const char *const names[] = {"statement", "op",		"enter",  "leave", "exception",
				    "host_call", "host_called", "forked", "end"};
static AV *listeners[EVENTS];

/* Takes the arguments. One that dies is called no more. */
static void tell(int which, int count, SV *one, SV *two, SV *three)
{
	SV *const arguments[] = {one, two, three};
	dSP;

	ENTER;
	SAVETMPS;
	for (int i = 0; i < count; i++)
		sv_2mortal(arguments[i]);
	for (SSize_t i = 0; i <= av_top_index(listeners[which]); i++) {
		SV *function = *av_fetch(listeners[which], i, 0);

		if (!SvOK(function))
			continue;
		PUSHMARK(SP);
		EXTEND(SP, 3);
		for (int j = 0; j < count; j++)
			PUSHs(arguments[j]);
		PUTBACK;
		errno = 0;
		call_sv(function, G_VOID | G_DISCARD | G_EVAL);
		SPAGAIN;
		if (SvTRUE(ERRSV)) {
			if (is_output_error(errno))
				fail(aTHX_ sv_2mortal(newSVpvf("the %s hook died: %s", names[which],
							       SvPV_nolen(ERRSV))));
			PerlIO_printf(PerlIO_stderr(),
				      "%scc-perl-replay: the %s hook died: it is called no more; "
				      "the replay goes on\n",
				      SvPV_nolen(ERRSV), names[which]);
			av_store(listeners[which], i, newSV(0));
		}
	}
	FREETMPS;
	LEAVE;
}

#undef TEXT
#define TEXT(text) text_of(aTHX_ text, strlen(text))

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	tell(STATEMENTS, 3, newSVpv(file, 0), newSVuv(line), newSVpv(sub, 0));
}

static void op(void *data, const char *name)
{
	tell(OPS, 1, newSVpv(name, 0), NULL, NULL);
}

static void enter(void *data, const struct cc_hook_call *call)
{
	tell(ENTERED, 1, call_of(aTHX_ call), NULL, NULL);
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	tell(LEFT, 2, call_of(aTHX_ call), newSViv(unwound), NULL);
}

static void exception(void *data, const char *class_name, const char *text)
{
	tell(EXCEPTIONS, 2, newSVpv(class_name, 0), TEXT(text), NULL);
}

static void host_call(void *data, const char *name, uint64_t ordinal)
{
	tell(HOST_CALLS, 2, newSVpv(name, 0), newSVuv(ordinal), NULL);
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	tell(HOST_CALLED, 2, newSVpv(name, 0), newSVuv(ordinal), NULL);
}

static void forked(void *data, pid_t process)
{
	tell(FORKED, 1, newSViv(process), NULL, NULL);
}

static void end(void *data, int status)
{
	tell(ENDED, 1, newSViv(status), NULL, NULL);
}

static void take(pTHX_ struct cc_hook *hook)
{
	HV *all = get_hv("Crosscut::Hook::listeners", GV_ADD);
	int wanted[EVENTS];

	for (int i = 0; i < EVENTS; i++) {
		SV **list = hv_fetch(all, names[i], (I32)strlen(names[i]), 0);

		listeners[i] = list && SvROK(*list) ? (AV *)SvRV(*list) : newAV();
		wanted[i] = av_top_index(listeners[i]) >= 0;
	}
	hook->statement = wanted[STATEMENTS] ? statement : NULL;
	hook->op = wanted[OPS] ? op : NULL;
	hook->enter = wanted[ENTERED] ? enter : NULL;
	hook->leave = wanted[LEFT] ? leave : NULL;
	hook->exception = wanted[EXCEPTIONS] ? exception : NULL;
	hook->host_call = wanted[HOST_CALLS] ? host_call : NULL;
	hook->host_called = wanted[HOST_CALLED] ? host_called : NULL;
	hook->forked = wanted[FORKED] ? forked : NULL;
	hook->end = wanted[ENDED] ? end : NULL;
}

/* ---- beginning and end ---- */

EXTERN_C void boot_DynaLoader(pTHX_ CV *cv);

static void begin_modules(pTHX)
{
	newXS("DynaLoader::boot_DynaLoader", boot_DynaLoader, __FILE__);
	newXS("Crosscut::Hook::_frame", ask_frame, __FILE__);
	newXS("Crosscut::Hook::count_moments", count_moments, __FILE__);
	newXS("Crosscut::Hook::_moment", ask_moment, __FILE__);
	newXS("Crosscut::Hook::_variable", ask_variable, __FILE__);
	newXS("Crosscut::Hook::_argument", ask_argument, __FILE__);
	newXS("Crosscut::Hook::_result", ask_result, __FILE__);
	newXS("Crosscut::Hook::past", ask_past, __FILE__);
	newXS("Crosscut::Hook::process", ask_process, __FILE__);
	newXS("Crosscut::Hook::prefix", ask_prefix, __FILE__);
	newXS("Crosscut::Hook::fail", say_fail, __FILE__);
}

/*
 * The environment is the run's, in memory that is the program's: ours is a list of its own, without
 * what would steer this perl. Hashes have one order. 0, or -1: there is no memory.
 */
static int own_environment(void)
{
	size_t count = 0, to = 0;
	char **own;

	while (environ[count])
		count++;
	own = calloc(count + 2, sizeof(*own));
	if (!own)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "PERL", 4))
			own[to++] = environ[i];
	own[to] = strdup("PERL_HASH_SEED=0");
	environ = own;
	return own[to] ? 0 : -1;
}

/* Crosscut::Hook::begin: it runs the files that the options name. */
static int run_options(pTHX_ const struct cc_perl_analysis *host, char *error, size_t size)
{
	dSP;
	int status = 0;

	ENTER_with_name("options");
	SAVETMPS;
	PUSHMARK(SP);
	mXPUSHs(newSVpv(host->options, 0));
	PUTBACK;
	call_pv("Crosscut::Hook::begin", G_VOID | G_DISCARD | G_EVAL);
	if (SvTRUE(ERRSV)) {
		snprintf(error, size, "%s", SvPV_nolen(ERRSV));
		error[strcspn(error, "\n")] = '\0';
		status = -1;
	}
	FREETMPS;
	LEAVE_with_name("options");
	return status;
}

EXPORT int cc_perl_analysis_begin(const struct cc_perl_analysis *host, char *error, size_t size)
{
	char *words[] = {strdup("cc-perl-replay"),
			 strdup("-I"),
			 strdup(host->directory),
			 strdup("-mCrosscut::Hook"),
			 strdup("-e"),
			 strdup("0"),
			 NULL};
	char **argv = words;
	int argc = 6, whole = own_environment() == 0;

	functions = host->functions;
	for (int i = 0; i < argc; i++)
		whole &= words[i] != NULL;
	if (whole) {
		PERL_SYS_INIT3(&argc, &argv, &environ);
		my_perl = perl_alloc();
	}
	if (!my_perl)
		return snprintf(error, size, "the second perl gets no memory"), -1;
	perl_construct(my_perl);
	PL_exit_flags |= PERL_EXIT_DESTRUCT_END;
	if (perl_parse(my_perl, begin_modules, argc, argv, NULL) || perl_run(my_perl))
		return snprintf(error, size, "the second perl does not start"), -1;
	if (run_options(aTHX_ host, error, size))
		return -1;
	take(aTHX_ host->hook);
	return 0;
}

/* Handles that are still open are written out now, and what cannot be is told. */
static void write_out(pTHX)
{
	errno = 0;
	if (PerlIO_flush(NULL))
		fail(aTHX_ sv_2mortal(
			newSVpvf("a hook's output: %s",
				 errno ? strerror(errno) : "not all could be written")));
}

EXPORT void cc_perl_analysis_end(void)
{
	if (!my_perl)
		return;
	write_out(aTHX);
	perl_destruct(my_perl);
}
