/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_MAPPING_H
#define CC_MAPPING_H

#include "core/replay/preload.h"

/* Makes again what mmap(2) of a file gave the run at `address`. */
void cc_mapping_make(const uint64_t *args, uint64_t address);
/* The same of shmat(2), whose length is in a MAP record. */
void cc_mapping_attach(int flags, uint64_t address, int fixed);
void cc_mapping_detach(uint64_t address);
/*
 * The same of mremap(2): the content goes along, and a page of several addresses keeps the others.
 */
void cc_mapping_move(const uint64_t *args, uint64_t address);
/* This memory is unmapped, or other memory is mapped there. */
void cc_mapping_drop(uint64_t address, uint64_t length);
int cc_mapping_holds(uint64_t address);
/* The protection that was asked for there; -1: no mapping is held. */
int cc_mapping_protection(uint64_t address);
/* A MEMORY record. 0, or -1 when no file was mapped there. */
int cc_mapping_fill(uint64_t address, const void *content, size_t length);

/*
 * An ALIAS record: the page at `address` is that at `other`. 0, or -1 when these are no pages of
 * mappings.
 */
int cc_alias_join(uint64_t address, uint64_t other);
/* The memory from `address` to `end` has gone, or is other memory now */
void cc_alias_part(uint64_t address, uint64_t end);
void cc_alias_move(uint64_t from, uint64_t to); /* moves one page, with its mapping */

/*
 * Around a fork whose child must not share pages of several addresses. Before the fork: a
 * descriptor of the file that the child gets for them, CC_NO_ALIASES, or -1 and errno; after the
 * fork the parent closes the descriptor, and the child gives it to cc_alias_copied.
 */
#define CC_NO_ALIASES (-2)
/* Before the fork, as above. */
int cc_alias_copy(void);
/* In the child: what cc_alias_copy gave; the mappings are its own from now on. */
void cc_alias_copied(int copy);

/* Memory at an address of the run's C library, see cc_storage_place. */
uint8_t *cc_mapping_place(uint64_t address, size_t size);

#endif
