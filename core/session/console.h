/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session at a terminal, or with commands from a pipe. The dialogue at each stop is the runtime's
 * own debugger, in a throwaway copy (`ask("prompt")`); here are the lines that the user types, and
 * what keeps from one stop to the next.
 *
 * What "prompt" is given: {"state", "why", "at": "CALLS.EVENTS", "text"?, "status", "found"?,
 * "note"?}, as of struct cc_stop; `state` is what the last dialogue left, null at first; `note` is
 * a line for the user, whatever the dialogue then does. What the dialogue may request:
 *
 *   {"request": "readline", "prompt"}  →  {"line"} without newline, or {"end": true}
 *   the same, with "words": {"breaks", "prefixes"}: the characters that end a word, and those among
 *   them that belong to the word behind them: it may also get {"complete": {"text", "before"}}: a
 *   word is to be completed that stands behind `before` in the line. Then it requests the same
 *   again, with "matches", which begin with `text`
 *   {"request": "sources", "end"}      →  as cc_session_sources gives it
 *   {"request": "keep", "state"}       →  {}: for when the copy dies in the middle of something
 *
 * What the dialogue answers: {"state"} and
 *
 *   {"do": "run", "rule"}    {"do": "back", "rule"}    {"do": "go", "at"}    {"do": "restart"}
 *   {"do": "undo"}           {"do": "quit"}
 *
 * and, if it goes on with the move that brought it there, {"goes-on": true}.
 *
 * "undo" goes to where the dialogue before the last move was, and then to the one before that. A go
 * that has no such moment, a rule that is refused, and one that leads back to nothing are told to
 * the next prompt as "text": of the last, "nothing" of the answer says what was not found.
 */
#ifndef CC_CONSOLE_H
#define CC_CONSOLE_H

#include "core/session/launch.h"

/*
 * To the end of the session, which opens at the moment `at`, "CALLS.EVENTS"; NULL: where the run
 * begins. The command's exit status, or a CC_E….
 */
int cc_console(const struct cc_launch *launch, const char *at, struct cc_error *error);

#endif
