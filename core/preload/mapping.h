/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_MAPPING_H
#define CC_MAPPING_H

#include "core/preload/preload.h"

/* What mmap(2) of a file gave the run. */
void cc_mapping_make(const uint64_t *args, uint64_t address);
/* What shmat(2) gave: the length is in a MAP record. */
void cc_mapping_attach(int flags, uint64_t address, int fixed);
void cc_mapping_detach(uint64_t address);
/* A MEMORY record. 0, or -1 when no file was mapped there. */
int cc_mapping_fill(uint64_t address, const void *content, size_t length);

/* Memory at an address of the run's C library, see cc_storage_place. */
uint8_t *cc_mapping_place(uint64_t address, size_t size);

#endif
