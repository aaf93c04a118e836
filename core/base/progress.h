/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command is doing, on one line of the terminal that changes and goes again. Where stderr is
 * no terminal nothing is written: it holds what the recorded program wrote, and our errors.
 */
#ifndef CC_PROGRESS_H
#define CC_PROGRESS_H

/* Shows this line in place of the one before. */
void cc_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Takes the line away, if one is shown: somebody else is about to write to the terminal. */
void cc_progress_clear(void);

#endif
