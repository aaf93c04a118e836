/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session asks of a perl program. In a throwaway copy the program's own interpreter does it,
 * with code of ours (runtimes/perl/lib): its host calls are real there, and nothing comes back from
 * it but the answer.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <fcntl.h>
#include <setjmp.h>
#include <unistd.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/options.h"
#include "core/replay/preload.h"
#include "logs/text.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/evaluate.h"
#include "runtimes/perl/debug/lasting.h"
#include "runtimes/perl/debug/library.h"
#include "runtimes/perl/debug/rule.h"
#include "runtimes/perl/debug/scope.h"
#include "runtimes/perl/debug/unwritten.h"
#include "runtimes/perl/debug/value.h"
#include "runtimes/perl/replay/die.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/frames.h"
#include "runtimes/perl/replay/sources.h"

static struct {
	char *environment; /* the user's: NAME=VALUE or NAME, each with its zero byte */
	size_t environment_length;
	int interactive; /* somebody types */
	pid_t pid;	 /* of the copy: what it forks has nothing to say to the session */
	jmp_buf leave;
	json_t *answer;
	struct cc_perl_frames frames; /* the program's, without the debugger's own */
	/* Where the program is, below the debugger: what names mean there */
	PERL_SI *stacks;
	I32 contexts;
	const COP *statement;
} debuggee;

/* ---- ending a copy ---- */

void cc_perl_debuggee_only(void)
{
	if (getpid() != debuggee.pid)
		_exit(0);
}

void cc_perl_debuggee_answer(json_t *answer)
{
	debuggee.answer = answer;
	longjmp(debuggee.leave, 1);
}

/* ---- preparing a copy ---- */

/* Be at an ex-nextstate, as if it were one. */
static void take_place(pTHX_ const COP *at, const COP *in)
{
	static COP places[64]; /* nested dialogues have their own */
	static unsigned count;
	COP *place = &places[count++ % C_ARRAY_LENGTH(places)];

	if (!in || at == in)
		return;
	*place = *in;
	place->cop_line = at->cop_line;
	place->cop_seq = at->cop_seq;
	PL_curcop = place;
}

/* Where perl5db itself stops when the program is over (its package DB::fake). */
static void take_end(pTHX)
{
	static COP place;

	place = PL_compiling;
	CopSTASH_set(&place, gv_stashpvs("DB::fake", GV_ADD));
	CopFILE_set(&place, PRIVLIB_EXP "/perl5db.pl");
	place.cop_line = 10380;
	PL_curcop = &place;
}

/*
 * Descriptors of the program are numbers of the past; ours are not to be taken for them. (The
 * session's own socket is out of the way, core/base/wire.c.) Standard input holds the user's
 * commands.
 */
static void part_from_files(void)
{
	int nothing;

	debuggee.interactive = isatty(0);
	debuggee.pid = getpid();
	close_range(3, 511, 0);
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(nothing, 0);
	close(nothing);
}

/* Loads a part of our perl code, with what the session knows of the user in its variables. */
static void load(pTHX_ const char *name)
{
	sv_setpvn(get_sv("Crosscut::Debugger::environment", GV_ADD),
		  debuggee.environment ? debuggee.environment : "", debuggee.environment_length);
	sv_setiv(get_sv("Crosscut::Debugger::interactive", GV_ADD), debuggee.interactive);
	sv_setiv(get_sv("Crosscut::Debugger::compiling", GV_ADD), PL_phase == PERL_PHASE_START);
	cc_perl_library_load(aTHX_ name);
}

/* ---- doing what is asked ---- */

/*
 * $DB::sub. Through what it was called is not known: itself, as BEGIN is, which has no name any
 * more.
 */
static void set_sub(pTHX_ CV *code)
{
	SV *called = (SV *)code;

	Perl_get_db_sub(aTHX_ & called, code);
}

/* As pp_dbstate does. */
static void call_debugger(pTHX)
{
	const PERL_CONTEXT *context = cc_perl_frames_sub(aTHX);

	if (context)
		set_sub(aTHX_ context->blk_sub.cv);
	PUSHMARK(PL_stack_sp);
	call_sv((SV *)GvCV(PL_DBgv), G_LIST | G_DISCARD | G_NOARGS);
}

/* The outermost first. */
static json_t *frame_list(const struct cc_perl_frames *frames)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < frames->count; i++)
		json_array_append_new(list, json_integer((json_int_t)frames->at[i]));
	return list;
}

static void note_program(pTHX)
{
	debuggee.stacks = PL_curstackinfo;
	debuggee.contexts = PL_curstackinfo->si_cxix;
	debuggee.statement = PL_curcop;
}

/* What an expression is about that the program's own code would name so. */
static json_t *lasting(pTHX_ const json_t *expression)
{
	char *text = cc_json_copy(expression, NULL);
	json_t *found;

	PL_curstackinfo = debuggee.stacks;
	PL_curstackinfo->si_cxix = debuggee.contexts;
	PL_curcop = (COP *)debuggee.statement;
	found = text ? cc_perl_lasting_find(text) : NULL;
	free(text);
	return found;
}

/* The last thing in a copy: what was printed in it is seen. */
static json_t *conclude(pTHX_ json_t *result)
{
	json_t *rule = json_object_get(result, "rule");
	const char *is_do = json_string_value(json_object_get(result, "do"));
	json_t *found;

	PerlIO_flush(PerlIO_stdout());
	PerlIO_flush(PerlIO_stderr());
	cc_perl_debuggee_only();
	if (is_do && !strcmp(is_do, "quit"))
		cc_perl_unwritten_show();
	if (!json_object_get(rule, "back"))
		return result;
	json_object_set_new(rule, "frames", frame_list(&debuggee.frames));
	json_object_set_new(rule, "chain", json_integer((json_int_t)debuggee.frames.chain));
	found = debuggee.stacks ? lasting(aTHX_ json_object_get(rule, "expression")) : NULL;
	if (found) {
		json_object_set_new(rule, "lasting", found);
		json_object_set_new(json_object_get(json_object_get(result, "state"), "sought"),
				    "lasting", json_true());
	}
	return result;
}

void cc_perl_debuggee_steps(pTHX_ const COP *at, const COP *in)
{
	I32 debug = PL_debug;
	const COP *was = PL_curcop;

	if (!(PL_debug & DEBUG_DB_RECURSE_FLAG) || CopSTASH_eq(in, PL_debstash) ||
	    CopSTASH(in) == gv_stashpvs("Crosscut::Debugger", 0) ||
	    !(PL_DBsingle_iv || PL_DBsignal_iv || PL_DBtrace_iv))
		return;
	take_place(aTHX_ at, in);
	PL_debug = 0;
	call_debugger(aTHX);
	PL_debug = debug;
	PL_curcop = (COP *)was;
}

static void show_eval(pTHX_ const COP *cop)
{
	const char *file = cop ? CopFILE(cop) : NULL, *shown = cc_perl_sources_shown(file);

	if (shown != file)
		CopFILE_set((COP *)cop, shown);
}

/* The names that `perl -d` gives to string evals. */
static void name_evals(pTHX)
{
	show_eval(aTHX_ PL_curcop);
	for (const PERL_SI *info = PL_curstackinfo; info; info = info->si_prev)
		for (I32 i = info->si_cxix; i >= 0; i--)
			show_eval(aTHX_ info->si_cxstack[i].blk_oldcop);
}

/* The names that it gives to anonymous subs, on the stack. */
static void name_anonymous(pTHX)
{
	for (const PERL_SI *info = PL_curstackinfo; info; info = info->si_prev)
		for (I32 i = info->si_cxix; i >= 0; i--) {
			CV *code = CxTYPE(&info->si_cxstack[i]) == CXt_SUB
					   ? info->si_cxstack[i].blk_sub.cv
					   : NULL;
			unsigned first, last;
			const char *file;
			SV *name;

			if (!code || !CvANON(code) || CvISXSUB(code) || !CvROOT(code) ||
			    !CvSTASH(code) || !HvNAME_HEK(CvSTASH(code)))
				continue;
			file = cc_perl_sources_find_sub(CvROOT(code), &first, &last);
			if (!file)
				continue;
			name = sv_2mortal(
				newSVpvf("%s::__ANON__[%s:%u]", HvNAME(CvSTASH(code)), file, last));
			Perl_cvgv_set(aTHX_ code, gv_fetchsv(name, GV_ADDMULTI, SVt_PVCV));
		}
}

static void note_name(void *context, const char *name, const SV *variable)
{
	PerlInterpreter *my_perl = cc_perl_interpreter();

	(void)hv_store((HV *)context, name, (I32)strlen(name), &PL_sv_yes, 0);
}

/* What is needed where somebody types: names of lexicals, and what completes words with them. */
static void prepare_typing(pTHX)
{
	cc_perl_scope_lexicals(0, note_name, get_hv("Crosscut::Debugger::lexicals", GV_ADD));
	load(aTHX_ "perl/crosscut-complete.pl");
}

static json_t *prompt(pTHX_ const json_t *arguments)
{
	json_t *with = json_copy((json_t *)arguments);
	int ended = cc_perl_event.end; /* else a signal, _exit or exec may have ended it amidst a
					  statement */

	load(aTHX_ "perl/crosscut-debugger.pl");
	if (debuggee.interactive)
		prepare_typing(aTHX);
	json_object_set_new(with, "depth", json_integer(debuggee.frames.count));
	json_object_set_new(with, "ended", json_boolean(ended));
	json_object_set_new(with, "died", json_boolean(ended && cc_perl_rule_uncaught()));
	if (json_object_get(cc_perl_library_call(aTHX_ "Crosscut::Debugger::prepare", with),
			    "quit"))
		return json_pack("{s:s}", "do", "quit");
	name_evals(aTHX);
	name_anonymous(aTHX);
	if (ended)
		take_end(aTHX);
	note_program(aTHX);
	PL_perldb = PERLDB_ALL;
	cc_perl_listeners = CC_LISTEN_DIALOGUE;
	call_debugger(aTHX);
	cc_perl_listeners = 0;
	PL_perldb = 0; /* or DB::sub would be told of our own calls */
	return cc_perl_library_call(aTHX_ "Crosscut::Debugger::finish", NULL);
}

/* The values that a sub has just returned. */
static json_t *returned(pTHX_ const json_t *arguments)
{
	SV **from = PL_stack_base + json_integer_value(json_object_get(arguments, "below")) + 1;
	CV *code = (CV *)(uintptr_t)json_integer_value(json_object_get(arguments, "code"));
	AV *values = get_av("Crosscut::Debugger::returned", GV_ADD);

	/* A BEGIN of a module that the program loads here, and perl5db would have loaded before. */
	if (code && !CvNAMED(code) && (!CvGV(code) || (GvCV(CvGV(code)) != code && !CvANON(code))))
		return json_object();
	load(aTHX_ "perl/crosscut-debugger.pl");
	for (; from <= PL_stack_sp; from++)
		av_push(values, newSVsv(*from));
	if (code)
		set_sub(aTHX_ code);
	return cc_perl_library_call(aTHX_ "Crosscut::Debugger::show_returned", arguments);
}

/* An expression, in the context of the statement. */
static json_t *evaluate(pTHX_ const char *what, const json_t *arguments)
{
	load(aTHX_ "perl/crosscut-evaluate.pl");
	sv_setsv(get_sv("Crosscut::Debugger::expression", GV_ADD),
		 sv_2mortal(cc_perl_from_json(aTHX_ json_object_get(arguments, "expression"))));
	sv_setpv(get_sv("Crosscut::Debugger::what", GV_ADD), what);
	PUSHMARK(PL_stack_sp);
	call_pv("DB::crosscut_evaluate", G_VOID | G_DISCARD | G_NOARGS);
	return cc_perl_library_call(aTHX_ "Crosscut::Debugger::evaluated", NULL);
}

static void note_lexical(void *context, const char *name, const SV *variable)
{
	PerlInterpreter *my_perl = cc_perl_interpreter();
	HV *lexicals = context;

	if (!hv_exists(lexicals, name, (I32)strlen(name)))
		(void)hv_store(lexicals, name, (I32)strlen(name), newRV((SV *)variable), 0);
}

/* For editors: {"up": FRAMES}. */
static json_t *variables(pTHX_ const json_t *arguments)
{
	unsigned up = (unsigned)json_integer_value(json_object_get(arguments, "up"));
	const HV *package = CopSTASH(PL_curcop);
	json_t *with = cc_json_pack("{s:o}", "package",
				    cc_json_shown(package && HvNAME_HEK(package) ? HvNAME(package)
										 : "main"));
	HV *lexicals = newHV();

	cc_perl_scope_lexicals(up, note_lexical, lexicals);
	load(aTHX_ "perl/crosscut-look.pl");
	sv_setsv(get_sv("Crosscut::Debugger::lexicals", GV_ADD),
		 sv_2mortal(newRV_noinc((SV *)lexicals)));
	return cc_perl_library_call(aTHX_ "Crosscut::Debugger::variables", with);
}

static json_t *stack(pTHX)
{
	load(aTHX_ "perl/crosscut-look.pl");
	return cc_perl_library_call(aTHX_ "Crosscut::Debugger::stack", NULL);
}

static json_t *act(pTHX_ const char *what, const json_t *arguments)
{
	if (!strcmp(what, "prompt"))
		return prompt(aTHX_ arguments);
	if (!strcmp(what, "print"))
		return cc_perl_evaluate(arguments);
	if (!strcmp(what, "returned"))
		return returned(aTHX_ arguments);
	if (!strcmp(what, "condition") || !strcmp(what, "watched") || !strcmp(what, "evaluate"))
		return evaluate(aTHX_ what, arguments);
	if (!strcmp(what, "stack"))
		return stack(aTHX);
	if (!strcmp(what, "variables"))
		return variables(aTHX_ arguments);
	return json_pack("{s:s}", "error", "perl does not know how to do that");
}

/* perl's own exits and uncaught exceptions end up here, too. */
static json_t *guarded(pTHX_ const char *what, const json_t *arguments)
{
	json_t *result = NULL;
	int how;
	dJMPENV;

	if (setjmp(debuggee.leave))
		return conclude(aTHX_ debuggee.answer);
	JMPENV_PUSH(how);
	if (how == 0) {
		result = act(aTHX_ what, arguments);
	} else {
		const char *error = SvTRUE(ERRSV) && how == 3 ? SvPV_nolen(ERRSV)
							      : "it ended the copy of the program";

		result = cc_json_pack("{s:o}", "error", cc_json_shown(error));
	}
	JMPENV_POP;
	return conclude(aTHX_ result);
}

/* perl makes those of DB as $^P is set first; its function for that is no longer to be called. */
static void make_variables(pTHX)
{
	U32 before = PL_perldb;

	sv_setiv_mg(get_sv("\020", GV_ADD), PERLDB_ALL);
	PL_perldb = before;
}

static json_t *ask(const char *what, const json_t *arguments)
{
	PerlInterpreter *my_perl = cc_perl_interpreter();

	if (my_perl && cc_perl_event.end)
		PL_phase = PERL_PHASE_END;
	if (!my_perl || PL_phase == PERL_PHASE_DESTRUCT || PL_phase == PERL_PHASE_CONSTRUCT) {
		/* There is nothing left to look at: a little back there is */
		if (!strcmp(what, "prompt"))
			return json_pack("{s:s, s:{s:s}, s:O*}", "do", "back", "rule", "back",
					 "end", "state", json_object_get(arguments, "state"));
		return json_pack("{s:s}", "error", "perl itself is not running here");
	}
	cc_perl_statements_stop();
	PL_sig_pending = 0; /* the handler runs where it ran, not amidst our code */
	cc_perl_frames_now(aTHX_ & debuggee.frames);
	part_from_files();
	cc_perl_unwritten_take(aTHX);
	take_place(aTHX_ cc_perl_event.at, cc_perl_event.in);
	make_variables(aTHX);
	return guarded(aTHX_ what, arguments);
}

/* ---- the rest ---- */

static json_t *place(void)
{
	PerlInterpreter *my_perl = cc_perl_interpreter();
	struct cc_perl_frames frames = {0};
	struct cc_frame_text text;
	json_t *place;

	if (!my_perl || !cc_perl_event.in)
		return NULL;
	cc_perl_frames_now(aTHX_ & frames);
	cc_perl_replay_frame(&text);
	place = cc_json_pack("{s:o, s:i, s:o, s:i, s:s, s:{s:o, s:i, s:I}}", "file",
			     cc_json_text(cc_perl_event_file() ? cc_perl_event_file() : ""), "line",
			     (int)CopLINE(cc_perl_event.at), "function", cc_json_text(text.sub),
			     "depth", (int)frames.count, "event",
			     cc_perl_event.end ? "end" : "statement", "here", "frames",
			     frame_list(&frames), "comparing", (int)frames.comparing, "chain",
			     (json_int_t)frames.chain);
	free(frames.at);
	return place;
}

/* What TERM, HOME, PERLDB_OPTS … are to the user, not what they were to the program. */
static void read_environment(void)
{
	const char *given = cc_option(CC_OPTION_USER);
	char *lines = cc_heap_copy(given ? given : ""), *rest = lines, *line;

	debuggee.environment = cc_heap_malloc(strlen(lines) + 1);
	while ((line = strsep(&rest, "\n"))) {
		cc_unescape(line);
		strcpy(debuggee.environment + debuggee.environment_length, line);
		debuggee.environment_length += strlen(line) + 1;
	}
	cc_heap_free(lines);
}

static void died(pTHX_ const SV *sv)
{
	cc_perl_rule_died(aTHX);
}

static void begin(void)
{
	read_environment();
	cc_perl_watch_die(died);
	cc_perl_replay_statements();
}

const struct cc_debuggee cc_perl_debuggee = {
	.begin = begin,
	.rule = cc_perl_rule,
	.place = place,
	.found = cc_perl_rule_found,
	.ask = ask,
	.plain = "variables, elements, references, comparisons, arithmetic, logic, \"$x @list\", "
		 "length, defined, scalar(@list)",
};
