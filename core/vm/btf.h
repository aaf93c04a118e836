/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF, the kernel's own description of its types (Documentation/bpf/btf.rst): just enough to find
 * where a member of a struct is.
 */
#ifndef CC_VM_BTF_H
#define CC_VM_BTF_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct cc_btf {
	const uint8_t *types, *types_end; /* in the caller's memory */
	const char *strings;
	size_t strings_length;
	const uint8_t **index; /* by type id */
	size_t count;
};

/* Index the content of a .BTF section, which must outlive it. CC_EFORMAT. */
int cc_btf_open(struct cc_btf *btf, const void *data, size_t length, struct cc_error *error);
void cc_btf_close(struct cc_btf *btf);

/* Byte offset of a struct's member, also inside its anonymous structs and unions. CC_EMISSING. */
int cc_btf_offset(const struct cc_btf *btf, const char *type, const char *member, uint32_t *offset,
		  struct cc_error *error);
/* Bytes of a struct. CC_EMISSING. */
int cc_btf_size(const struct cc_btf *btf, const char *type, uint32_t *size, struct cc_error *error);

#endif
