/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PERL_ATTACH_H
#define CC_PERL_ATTACH_H

/*
 * Before the program's main(): loads hooks in Perl; `options` as in analysis.h. cc_perl_detach:
 * when the replay is over.
 */
void cc_perl_analyse(const char *options);
void cc_perl_detach(void);

#endif
