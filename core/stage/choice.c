/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stage/choice.h"

#include <string.h>

const char *cc_choice_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int cc_choice_fits(const char *executable, char *const *argv, size_t argc, const char *exe,
		   const char *text)
{
	int fits = !exe || (executable && !strcmp(cc_choice_name(executable), exe));

	for (size_t i = 0; exe && !fits && i < 2 && i < argc; i++)
		fits = !strcmp(cc_choice_name(argv[i]), exe);
	if (!fits || !text)
		return fits;
	for (size_t i = 0; i < argc; i++)
		if (strstr(argv[i], text))
			return 1;
	return 0;
}
