/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <iconv.h>
#include <string.h>
#include <unistd.h>

long now(void);

long later(void)
{
	return now() + getpid();
}

/* `text` in UTF-8, or how the conversion failed. */
const char *converted(const char *from, char *text)
{
	static char to[64];
	char *at = to;
	size_t left = strlen(text), room = sizeof(to) - 1;
	iconv_t handle = iconv_open("UTF-8", from);

	memset(to, 0, sizeof(to));
	if (handle == (iconv_t)-1)
		return "unknown";
	if (iconv(handle, &text, &left, &at, &room) == (size_t)-1)
		strcpy(to, "cannot be converted");
	iconv_close(handle);
	return to;
}
