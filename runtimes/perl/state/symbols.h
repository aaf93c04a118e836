/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of perl that are looked up, in the order of cc_perl_runtime.symbols. */
#ifndef CC_PERL_SYMBOLS_H
#define CC_PERL_SYMBOLS_H

enum { AT_CURINTERP, AT_PPADDR, AT_RUNOPS, AT_COUNT };

#endif
