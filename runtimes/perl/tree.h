/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has just been compiled: its statements, and where subs stand. */
#ifndef CC_PERL_TREE_H
#define CC_PERL_TREE_H

#pragma GCC visibility push(hidden)

/* `start` is what PL_peepp was given, and is done with. In the program's context. */
void cc_perl_tree_compiled(pTHX_ OP *start, Perl_ppaddr_t former_statement);

#pragma GCC visibility pop

#endif
