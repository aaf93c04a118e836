/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in perl's code the stage looks. */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/state/runtime.h"
#include "runtimes/perl/state/symbols.h"

static const struct cc_watch watches[] = {
	/* call *op_ppaddr(%rax) */
	{CC_WATCH_OP_DONE, "Perl_runops_standard", {0xff, 0x50, offsetof(OP, op_ppaddr)}, 3},
	{CC_WATCH_LOOP, "Perl_runops_standard", {0}, 0},
	{CC_WATCH_HANDLER, "Perl_csighandler", {0}, 0},
	{CC_WATCH_HANDLER, "Perl_csighandler1", {0}, 0},
	{CC_WATCH_HANDLER, "Perl_csighandler3", {0}, 0},
	{CC_WATCH_IMMEDIATE, "Perl_sighandler", {0}, 0},
	{CC_WATCH_IMMEDIATE, "Perl_sighandler1", {0}, 0},
	{CC_WATCH_IMMEDIATE, "Perl_sighandler3", {0}, 0},
	{CC_WATCH_DISPATCH, "Perl_despatch_signals", {0}, 0},
	{CC_WATCH_END, "Perl_my_exit", {0}, 0},
	{CC_WATCH_END, "Perl_my_failure_exit", {0}, 0},
	{0, NULL, {0}, 0},
};

static const struct cc_advice advice[] = {
	{"/EV/EV.so",
	 "MOJO_REACTOR=Mojo::Reactor::Poll (Mojolicious), PERL_ANYEVENT_MODEL=Perl (AnyEvent) or "
	 "IO_ASYNC_LOOP=Select (IO::Async) avoids it"},
	{"/Event/Event.so", "PERL_ANYEVENT_MODEL=Perl (AnyEvent) avoids it"},
	{NULL, NULL},
};

const struct cc_runtime_places cc_perl_places = {
	.watches = watches,
	.run_loop = AT_RUNOPS,
	.advice = advice,
};
