/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second perl's beginning and end, from the replayed program's side (analysis.h). */
#include "runtimes/perl/replay/attach.h"

#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "runtimes/perl/analysis/analysis.h"

void cc_perl_analyse(const char *options)
{
	struct cc_hook hook = {.version = CC_HOOKS_VERSION, .arguments = ""};
	struct cc_perl_analysis host = {&cc_hooks_in_namespace, cc_namespace_beside("perl"),
					options, &hook};
	cc_perl_analysis_begin_function *begin;
	char error[1024] = "";
	int status;

	cc_namespace_load("crosscut-perl-" CC_RUNTIME_VERSION "-analysis.so",
			  "libperl" CC_RUNTIME_VERSION);
	begin = (cc_perl_analysis_begin_function *)cc_namespace_function("cc_perl_analysis_begin");
	cc_namespace_enter();
	status = begin(&host, error, sizeof(error));
	cc_namespace_leave();
	if (status)
		cc_die("%s", error);
	cc_hooks_add(&hook);
}

void cc_perl_detach(void)
{
	void (*end)(void) = (void (*)(void))cc_namespace_function("cc_perl_analysis_end");

	if (end) {
		cc_namespace_enter();
		end();
		cc_namespace_leave();
	}
}
