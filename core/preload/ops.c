/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting ops: the run loop counts down, and comes here when something is due. */
#include "core/preload/preload.h"

int64_t cc_ops_left = CC_NEVER, cc_ops_budget = CC_NEVER;
uint64_t cc_calls, cc_last_op;
void (*cc_op_value)(void);
void (*cc_op_due)(void);

static uint64_t wanted;  /* the op whose result is looked at when it completes; 0: none */
static int64_t put_off; /* what cc_ops_left was before that made it 1 */

void cc_ops_set(int64_t budget)
{
	cc_ops_budget = cc_ops_left = budget;
	wanted = 0;
}

void cc_ops_want_value(uint64_t op)
{
	wanted = op;
	put_off = cc_ops_left;
	cc_ops_left = 1;
}

void cc_ops_zero(uint64_t completed)
{
	uint64_t op = wanted;

	if (op) {
		wanted = 0;
		cc_ops_left = put_off - 1;
		if (op == completed)
			cc_op_value();
	}
	if (!cc_ops_left)
		cc_op_due();
}
