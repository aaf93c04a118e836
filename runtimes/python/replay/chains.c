/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>

#include "runtimes/python/replay/chains.h"
#include "core/replay/heap.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/state/layout.h"

struct chain {
	struct chain *next; /* whose innermost frame's address has the same place in the table */
	struct cc_python_activation *top;
	unsigned thread;
};

/* There are as many as a server has connections, and each switch looks for one. */
#define TABLE 4096
static struct chain *kept[TABLE], *spare;

unsigned cc_python_chains;

static struct chain **place_of(const _PyInterpreterFrame *frame)
{
	return &kept[(uintptr_t)frame / 16 % TABLE];
}

void cc_python_chain_keep(struct cc_python_activation *top, unsigned thread)
{
	struct chain *chain = spare, **place;

	if (!top)
		return;
	if (chain)
		spare = chain->next;
	else
		chain = cc_heap_malloc(sizeof(*chain));
	place = place_of(top->frame);
	*chain = (struct chain){*place, top, thread};
	*place = chain;
	cc_python_chains++;
}

static struct cc_python_activation *take(struct chain **at)
{
	struct chain *chain = *at;

	*at = chain->next;
	chain->next = spare;
	spare = chain;
	cc_python_chains--;
	return chain->top;
}

/*
 * Of a greenlet that has vanished the frames have gone unseen, and may be another's now, who began
 * later.
 */
static uint64_t holds(const struct chain *chain, const _PyInterpreterFrame *frame, unsigned thread,
		      int anywhere)
{
	const struct cc_python_activation *activation = chain->top;

	if (chain->thread != thread)
		return 0;
	while (activation && anywhere && activation->frame != frame)
		activation = activation->caller;
	return activation && activation->frame == frame && activation->code == cc_python_code(frame)
		       ? activation->id
		       : 0;
}

static void choose(struct chain **from, const _PyInterpreterFrame *frame, unsigned thread,
		   int anywhere, struct chain ***found, uint64_t *youngest)
{
	for (struct chain **at = from; *at; at = &(*at)->next) {
		uint64_t id = holds(*at, frame, thread, anywhere);

		if (id > *youngest) {
			*youngest = id;
			*found = at;
		}
	}
}

struct cc_python_activation *cc_python_chain_take(const _PyInterpreterFrame *frame, unsigned thread,
						  int anywhere)
{
	struct chain **found = NULL;
	uint64_t youngest = 0;

	if (!anywhere)
		choose(place_of(frame), frame, thread, 0, &found, &youngest);
	for (size_t i = 0; anywhere && i < TABLE; i++)
		choose(&kept[i], frame, thread, 1, &found, &youngest);
	return found ? take(found) : NULL;
}

void cc_python_chains_each(unsigned thread, void (*tell)(struct cc_python_activation *top))
{
	for (size_t i = 0; cc_python_chains && i < TABLE; i++)
		for (const struct chain *chain = kept[i]; chain; chain = chain->next)
			if (chain->thread == thread)
				tell(chain->top);
}

struct cc_python_activation *cc_python_chain_find(uint64_t id)
{
	struct cc_python_activation *activation = NULL;

	for (size_t i = 0; cc_python_chains && i < TABLE && !activation; i++)
		for (struct chain *chain = kept[i]; chain && !activation; chain = chain->next)
			for (activation = chain->top; activation && activation->id != id;)
				activation = activation->caller;
	return activation;
}
