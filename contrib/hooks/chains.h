/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hook keeps for each chain of calls (crosscut/hooks.h, `chain`). */
#ifndef CHAINS_H
#define CHAINS_H

#include <stdint.h>
#include <stdlib.h>

struct chains {
	size_t size; /* of a state */
	struct kept_chain {
		uint64_t number;
		void *state;
	} * all;
	size_t count;
};

/* Of the chain with this number; zero bytes when it is new. It stays where it is. */
static inline void *chain_state(struct chains *chains, uint64_t number)
{
	for (size_t i = chains->count; i--;)
		if (chains->all[i].number == number)
			return chains->all[i].state;
	chains->all = realloc(chains->all, (chains->count + 1) * sizeof(*chains->all));
	chains->all[chains->count] = (struct kept_chain){number, calloc(1, chains->size)};
	return chains->all[chains->count++].state;
}

/* Nothing runs in it: it need not be kept, but the first one, in which the main program is. */
static inline void chain_over(struct chains *chains, const void *state)
{
	for (size_t i = chains->count; i--;)
		if (chains->all[i].state == state && chains->all[i].number != 1) {
			free(chains->all[i].state);
			chains->all[i] = chains->all[--chains->count];
			return;
		}
}

#endif
