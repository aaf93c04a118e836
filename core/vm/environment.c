/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command gets in its environment, and who runs it. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/runtime/guest.h"
#include "core/runtime/language.h"
#include "core/vm/request.h"

static const char *const allowed[] = {"PATH",  "HOME",	   "USER", "LOGNAME", "SHELL",
				      "LANG",  "LANGUAGE", "TZ",   "TERM",    "EDITOR",
				      "PAGER", "TMPDIR",   "PWD",  NULL};

static int begins_with(const char *text, const char *beginning)
{
	return !strncmp(text, beginning, strlen(beginning));
}

static int is_allowed(const struct cc_language *const *languages, const char *variable)
{
	size_t length = strcspn(variable, "=");

	for (size_t i = 0; allowed[i]; i++)
		if (strlen(allowed[i]) == length && !strncmp(variable, allowed[i], length))
			return 1;
	for (size_t i = 0; languages[i]; i++)
		if (begins_with(variable, languages[i]->guest->variables))
			return 1;
	return begins_with(variable, "LC_");
}

static int same_name(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return !strncmp(a, b, length) && b[length] == '=';
}

char **cc_request_environment(const struct cc_request *request)
{
	const char *const *given = request->env;
	size_t count = 0, room = 8;
	char **list;

	while (environ[count])
		count++;
	for (size_t i = 0; given && given[i]; i++)
		count++;
	list = cc_allocate_zeros(count + room, sizeof(*list));
	count = 0;
	for (size_t i = 0; environ[i]; i++)
		if (is_allowed(request->languages, environ[i]))
			list[count++] = cc_copy(environ[i]);
	if (!getenv("PATH"))
		list[count++] = cc_copy("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
	for (size_t i = 0; given && given[i]; i++) {
		size_t at = 0;

		while (at < count && !same_name(list[at], given[i]))
			at++;
		free(list[at]);
		list[at] = cc_copy(given[i]);
		count += at == count;
	}
	return list;
}

void cc_free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

char *cc_user_name(void)
{
	struct passwd *user = getpwuid(getuid());

	return user ? cc_copy(user->pw_name) : cc_format("%u", getuid());
}
