/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/replay/loads.h"

static struct {
	json_t *wanted, *files; /* files: those that have come */
} loads;

int cc_perl_loads_set(const json_t *wanted)
{
	json_decref(loads.wanted);
	json_decref(loads.files);
	loads.wanted = json_incref((json_t *)wanted);
	loads.files = NULL;
	return json_array_size(json_object_get(wanted, "files")) ||
	       json_array_size(json_object_get(wanted, "subs"));
}

void cc_perl_loads_file(const char *file)
{
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(loads.wanted, "files"), i, name)
	{
		if (strcmp(json_string_value(name), file))
			continue;
		if (!loads.files)
			loads.files = json_array();
		json_array_append(loads.files, (json_t *)name);
	}
}

/* Without making anything of the name: what the program has of its own is not to grow. */
static int is_defined(pTHX_ const char *name)
{
	const SV *found = (SV *)gv_fetchpvn_flags(name, strlen(name), GV_NOADD_NOINIT | GV_NOEXPAND,
						  SVt_PVCV);
	const CV *code = NULL;

	if (found && SvROK(found))
		code = (const CV *)SvRV(found);
	else if (found && isGV_with_GP(found))
		code = GvCV((const GV *)found);
	return code && SvTYPE(code) == SVt_PVCV && (CvISXSUB(code) || CvROOT(code));
}

int cc_perl_loads_due(pTHX)
{
	const json_t *name;
	size_t i;

	if (loads.files)
		return 1;
	json_array_foreach(json_object_get(loads.wanted, "subs"), i,
			   name) if (is_defined(aTHX_ json_string_value(name))) return 1;
	return 0;
}

json_t *cc_perl_loads_now(void)
{
	return loads.files ? json_incref(loads.files) : json_array();
}
