/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/error.h"

#include <stdarg.h>

#include "core/base/text.h"

int cc_fail(struct cc_error *error, int status, const char *format, ...)
{
	va_list list;

	if (!error)
		return status;
	error->status = status;
	va_start(list, format);
	cc_text_format(error->text, sizeof(error->text), format, list);
	va_end(list);
	return status;
}
