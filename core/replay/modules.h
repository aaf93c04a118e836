/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects that the run had mapped (MODULE records), and what is loaded here in their place. */
#ifndef CC_MODULES_H
#define CC_MODULES_H

#include "core/replay/preload.h"

#pragma GCC visibility push(hidden)

struct cc_module {
	struct cc_module *next;
	char *path, *build_id, *package; /* package: with its version, or "" */
	uint64_t base;
};

void cc_module_note(const struct cc_module *module); /* copies what it points to */
/* The latest module of this very file; NULL: the run had none */
const struct cc_module *cc_module_at(const char *path);
/* The module that the program means: by its last name, the latest first. NULL: the run had none. */
const struct cc_module *cc_module_named(const char *path);
/* Do so many bytes of code stand at this offset of the object that is loaded at `base`? */
int cc_loaded_code(uint64_t base, uint64_t offset, uint64_t length);
/* Does code of an object stand at this address, and did it in the run? */
int cc_module_has(uint64_t address);
uint64_t cc_module_base(int descriptor); /* where the run had the file that is being mapped; 0 */

/*
 * Ends the replay when an object is loaded that is another than the run's. Objects of the run that
 * nothing here has loaded yet are not missed: the C library loaded them inside a call.
 */
void cc_modules_check(void);

#pragma GCC visibility pop

#endif
