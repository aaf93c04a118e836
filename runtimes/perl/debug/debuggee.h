/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A perl program as a session sees it (core/replay/agent.h, struct cc_debuggee). */
#ifndef CC_PERL_DEBUGGEE_H
#define CC_PERL_DEBUGGEE_H

#include "core/replay/agent.h"
#include "core/runtime/runtime.h"

#pragma GCC visibility push(hidden)

extern const struct cc_debuggee cc_perl_debuggee;

/* In a dialogue: code that the debugger runs for the user, `s f(1)`, is at a statement. */
void cc_perl_debuggee_steps(pTHX_ const COP *at, const COP *in);

/* In a copy: a process that the program's code has forked there ends, without a word. */
void cc_perl_debuggee_only(void);
/* In a copy: the dialogue is over, wherever it is. Takes the reference; does not return. */
void cc_perl_debuggee_answer(json_t *answer) __attribute__((noreturn));

/* replay.c: the program's interpreter; NULL before there is one. */
PerlInterpreter *cc_perl_interpreter(void);
/* Where the program is; nothing in *text is allocated. */
void cc_perl_replay_frame(struct cc_frame_text *text);
void cc_perl_replay_statements(void); /* events are wanted from now on */

#pragma GCC visibility pop

#endif
