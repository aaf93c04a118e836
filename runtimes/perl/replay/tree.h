/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has just been compiled: its statements, and where subs stand. */
#ifndef CC_PERL_TREE_H
#define CC_PERL_TREE_H

#pragma GCC visibility push(hidden)

/*
 * `start` is what PL_peepp was given, and is done with. In the program's context.
 * `debugger_variable` is to run the ops that may set $DB::single and its like. 1: what was compiled
 * is the whole of a file or of a string eval.
 */
int cc_perl_tree_compiled(pTHX_ OP *start, Perl_ppaddr_t former_statement,
			  Perl_ppaddr_t debugger_variable);

#pragma GCC visibility pop

#endif
