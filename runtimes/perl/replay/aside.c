/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands on the stack between an op's function and its caller, kept while the function runs
 * (aside-entry.S).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"

/* aside-entry.S knows the first three. */
struct kept {
	uint64_t low, length;
	uint8_t bytes[512];
	uint64_t returns;
	struct kept *next;
};
static struct kept *all; /* the latest first */

struct kept *cc_perl_kept_aside(uint64_t returns);
void cc_perl_keep_aside(uint64_t low, uint64_t returns);

/*
 * One for each place on the stack, as only one function can be there: what a die has left behind is
 * overwritten, and the stacks of coroutines do not mix.
 */
struct kept *cc_perl_kept_aside(uint64_t returns)
{
	struct kept **at = &all, *kept;

	while (*at && (*at)->returns != returns)
		at = &(*at)->next;
	kept = *at;
	if (kept && at != &all) {
		*at = kept->next;
		kept->next = all;
		all = kept;
	}
	return kept;
}

void cc_perl_keep_aside(uint64_t low, uint64_t returns)
{
	struct kept *kept = cc_perl_kept_aside(returns);
	uint64_t length = returns + sizeof(returns) - low;

	if (length > sizeof(kept->bytes))
		cc_die("%llu bytes of ours stand on the program's stack",
		       (unsigned long long)length);
	if (!kept) {
		kept = cc_heap_malloc(sizeof(*kept));
		kept->returns = returns;
		kept->next = all;
		all = kept;
	}
	kept->low = low;
	kept->length = length;
	memcpy(kept->bytes, (const void *)(uintptr_t)low, length);
}
