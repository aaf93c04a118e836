/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Pirce.pm: did you mean Price.pm?": of all names that there are, those that look like one that
 * there is not.
 */
#ifndef CC_NEAR_H
#define CC_NEAR_H

#include <stddef.h>

#include "core/base/intern.h"

#define CC_NEAR_NAMES 3
#define CC_NEAR_TEXT 1024 /* bytes */

/*
 * How many letters are wrong, missing, too many or exchanged with the next one, in names without
 * their directory, package or class if `wanted` has none. Above a third of its letters: SIZE_MAX,
 * as it is another name.
 */
size_t cc_near(const char *wanted, const char *name);

/* Names, each once. */
struct cc_near_names {
	char **names;
	size_t count;
	struct cc_intern set;
};
/* Adds a copy of the name, unless it is there or there are 20,000 already. */
void cc_near_add(struct cc_near_names *names, const char *name);
/* Puts the nearest names, all as near as each other, into `found`. Returns how many. */
size_t cc_near_find(const struct cc_near_names *names, const char *wanted,
		    const char *found[CC_NEAR_NAMES]);
/* Writes "; did you mean A, B or C?" for the end of a message; "" if no name is near. */
void cc_near_text(const struct cc_near_names *names, const char *wanted, char text[CC_NEAR_TEXT]);
/* Frees what is behind `names`, which are none then. */
void cc_near_free(struct cc_near_names *names);
/* The text of cc_near_text, to be freed, from names that are of no use any more: frees them. */
char *cc_near_take(struct cc_near_names *names, const char *wanted);

#endif
