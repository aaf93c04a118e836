/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A language, in parts: what a guest holds because of it, how its interpreter's state is read from
 * memory, where in the interpreter's code the stage looks, how it is replayed, and debugged. Each
 * part is optional: a binary has those that it is for, and the others are NULL. A program hands
 * its list down to what needs it; core/ names no language, and a further one is a folder in
 * runtimes/ and a line in each list there.
 */
#ifndef CC_RUNTIME_LANGUAGE_H
#define CC_RUNTIME_LANGUAGE_H

struct cc_language {
	const char *name; /* as messages say it; cc-NAME-replay replays its slices */
	const char *kind; /* commands: of its slices, "plog" */
	/* Commands: what a guest holds (guest.h). */
	const struct cc_guest_language *guest;
	/* The stage and replays: the interpreter's state in memory (runtime.h). */
	const struct cc_runtime *runtime;
	/* The stage: what it watches (runtime.h). */
	const struct cc_runtime_places *places;
	/* Replays: what the interpreter is asked to do (core/replay/replayer.h). */
	const struct cc_replayer *replayer;
	/* Replays: prints that run no code (core/print/plain.h). NULL: nothing can be printed. */
	const struct cc_plain_language *plain;
	/* Replays: debugging (core/replay/agent.h). NULL: it cannot be debugged. */
	const struct cc_debuggee *debuggee;
	/* Replays: values that hooks are shown (core/replay/hooked.h). NULL: none. */
	const struct cc_hooked *hooked;
};

/* Lists end with NULL. Commands have this one (runtimes/commands.c), */
extern const struct cc_language *const cc_languages[];
/* and the stage this (runtimes/stage.c). */
extern const struct cc_language *const cc_stage_languages[];

#pragma GCC visibility push(hidden)
/* The language that this replay object is for. */
extern const struct cc_language cc_language;
#pragma GCC visibility pop

#endif
