/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the launcher asks of a replay: lines of NAME=VALUE, each ended by a NUL, in a sealed memfd
 * at one descriptor. The environment and the arguments of a replay are the slice's, and so is
 * whatever has a name; a descriptor is inherited, and a memfd that is sealed against writing
 * (memfd_create(2), fcntl(2)) can only be the launcher's.
 */
#ifndef CC_OPTIONS_H
#define CC_OPTIONS_H

/* The descriptors of a replay, by number. Those that are not needed are not open. */
enum {
	CC_DESCRIPTORS_FROM = 3,
	CC_OPTIONS_DESCRIPTOR = CC_DESCRIPTORS_FROM,
	CC_SESSION_DESCRIPTOR, /* the session's socket (core/session/session.h) */
	CC_AHEAD_DESCRIPTOR,   /* the reader ahead's memory (logs/ahead.h) */
	CC_BROKER_DESCRIPTOR,  /* the broker's socket (core/session/broker.h) */
	CC_PRINTS_DESCRIPTOR,  /* where prints go that do not go to stderr */
	CC_DESCRIPTORS_END,
	CC_DESCRIPTORS = CC_DESCRIPTORS_END - CC_DESCRIPTORS_FROM
};

/* Names. The first two are always there; those without a remark on their value mean that it is
 * wanted. */
#define CC_OPTION_LOG "log"	      /* path of the slice */
#define CC_OPTION_TOOL "tool"	      /* the command whose name messages carry */
#define CC_OPTION_HOOKS "hooks"	      /* as cc_hooks_load takes them (hooked.h) */
#define CC_OPTION_ANALYSIS "analysis" /* the runtime's own */
#define CC_OPTION_PRINTS "prints"     /* JSON (core/print/options.h) */
#define CC_OPTION_USER "user"	      /* of the user's environment: lines (logs/text.h) */
#define CC_OPTION_SESSION "session"
#define CC_OPTION_AHEAD "ahead"
#define CC_OPTION_CONFINED "confined" /* how the replay gives up what it does not need: */
#define CC_CONFINED_PLAIN "plain"     /* the replay reads, and writes what is open */
#define CC_CONFINED_GUARDED "guarded" /* anything beyond that is asked of the broker */
#define CC_OPTION_BROKER "broker"     /* there is a broker */
#define CC_OPTION_SHOW "show"	      /* also what went into the process's own pipes and files */
#define CC_OPTION_WITH_PARENT "with-parent"   /* a forked child's past is told of, too */
#define CC_OPTION_SHOW_PROCESS "show-process" /* lines name their process */

/* What a message adds where a replay cannot be confined. */
#define CC_ALLOW_HOST "--allow-host replays it with your own rights"

#pragma GCC visibility push(hidden)

/*
 * The value of an option, which stays; NULL: it was not given. Works at any time, without memory of
 * the heap. Where no launcher has started this process, there are none.
 */
const char *cc_option(const char *name);

#pragma GCC visibility pop

#endif
