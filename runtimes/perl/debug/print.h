/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PERL_PRINT_H
#define CC_PERL_PRINT_H

/* In our own context, at a statement: prints what --print wants there. */
void cc_perl_print_event(pTHX_ const char *file, unsigned line);

#endif
