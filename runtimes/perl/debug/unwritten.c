/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <perliol.h>
#include <unistd.h>

#include "core/print/plain.h"
#include "core/replay/agent.h"
#include "runtimes/perl/debug/unwritten.h"

static struct cc_plain_text unwritten; /* to the program's standard output */

static void drop_layer(PerlIOl *layer, int is_output)
{
	PerlIOBuf *buffer = (PerlIOBuf *)layer;

	if (!(layer->flags & PERLIO_F_WRBUF) || !strcmp(layer->tab->name, "scalar"))
		return;
	if (is_output)
		cc_plain_put(&unwritten, buffer->buf, (size_t)(buffer->ptr - buffer->buf), 0);
	buffer->ptr = buffer->buf;
	layer->flags &= ~PERLIO_F_WRBUF;
}

void cc_perl_unwritten_take(pTHX)
{
	for (PerlIOl *table = (PerlIOl *)PL_perlio; table; table = (PerlIOl *)table->next)
		for (int i = 1; i < 64; i++) {
			int is_output =
				table[i].next && PerlIO_fileno((PerlIO *)&table[i].next) == 1;

			for (PerlIOl *layer = table[i].next; layer; layer = layer->next)
				drop_layer(layer, is_output);
		}
}

void cc_perl_unwritten_show(void)
{
	const char *from = unwritten.data;
	size_t length = unwritten.length, rest = length ? cc_agent_pending(1, length) : 0;

	while (rest) {
		ssize_t wrote = write(1, from + length - rest, rest);

		if (wrote < 0 && errno != EINTR)
			break;
		rest -= wrote > 0 ? (size_t)wrote : 0;
	}
}
