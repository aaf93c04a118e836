/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_MAPPING_H
#define CC_MAPPING_H

#include "core/replay/preload.h"

/* What mmap(2) of a file gave the run. */
void cc_mapping_make(const uint64_t *args, uint64_t address);
/* What shmat(2) gave: the length is in a MAP record. */
void cc_mapping_attach(int flags, uint64_t address, int fixed);
void cc_mapping_detach(uint64_t address);
/* What mremap(2) gave. What stands there goes along, and its other addresses stay. */
void cc_mapping_move(const uint64_t *args, uint64_t address);
/* It is unmapped, or other memory is mapped there. */
void cc_mapping_drop(uint64_t address, uint64_t length);
int cc_mapping_holds(uint64_t address);
/* As it was asked for; -1 where nothing is held. */
int cc_mapping_protection(uint64_t address);
/* A MEMORY record. 0, or -1 when no file was mapped there. */
int cc_mapping_fill(uint64_t address, const void *content, size_t length);

/*
 * An ALIAS record: the page at `address` is that at `other`. 0, or -1 when these are no pages of
 * mappings.
 */
int cc_alias_join(uint64_t address, uint64_t other);
/* What was there has gone, or is other memory now */
void cc_alias_part(uint64_t address, uint64_t end);
void cc_alias_move(uint64_t from, uint64_t to); /* one page, its mapping and all */

/*
 * Around a fork whose child must not share them. Before it: a descriptor of what the child gets,
 * CC_NO_ALIASES, or -1 and errno; after it the parent closes that, and the child gives it to
 * cc_alias_copied.
 */
#define CC_NO_ALIASES (-2)
/* Before the fork, as above. */
int cc_alias_copy(void);
/* In the child: what cc_alias_copy gave; the mappings are its own from now on. */
void cc_alias_copied(int copy);

/* Memory at an address of the run's C library, see cc_storage_place. */
uint8_t *cc_mapping_place(uint64_t address, size_t size);

#endif
