/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constructors and destructors of the objects that a program loads. They are the program's: what
 * they ask for is in the log, what they allocate comes from its heap. The dynamic linker, which
 * calls them, works for us.
 */
#ifndef CC_INITIALIZERS_H
#define CC_INITIALIZERS_H

/* Objects that are loaded by now have been initialized. Before main(). */
void cc_initializers_begin(void);

/*
 * The dynamic linker loads or drops an object of the program's, whose functions' records are in the
 * log.
 */
void cc_initializers_log(int on);

/*
 * main() has returned, or exit was called: what the program registered for its end runs, and
 * destructors.
 */
void cc_initializers_end(int status) __attribute__((noreturn));

#endif
