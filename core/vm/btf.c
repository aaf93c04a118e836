/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/btf.h"
#include "core/base/memory.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

/* Bytes that follow a struct btf_type, by kind; the part per entry (vlen) is added. */
static const struct {
	uint8_t fixed, each;
} trailer[] = {
	[BTF_KIND_INT] = {4, 0},
	[BTF_KIND_ARRAY] = {sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {0, sizeof(struct btf_enum)},
	[BTF_KIND_FUNC_PROTO] = {0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {sizeof(struct btf_var), 0},
	[BTF_KIND_DATASEC] = {0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_DECL_TAG] = {sizeof(struct btf_decl_tag), 0},
	[BTF_KIND_ENUM64] = {0, 12},
	[NR_BTF_KINDS] = {0, 0},
};

static size_t size_of(const struct btf_type *type)
{
	unsigned kind = BTF_INFO_KIND(type->info);

	if (kind == BTF_KIND_UNKN || kind >= NR_BTF_KINDS)
		return 0;
	return sizeof(*type) + trailer[kind].fixed + trailer[kind].each * BTF_INFO_VLEN(type->info);
}

static int build_index(struct cc_btf *btf)
{
	for (const uint8_t *at = btf->types; at < btf->types_end;) {
		size_t left = btf->types_end - at, size;

		size = left < sizeof(struct btf_type) ? 0 : size_of((const struct btf_type *)at);
		if (!size || size > left)
			return -1;
		cc_array_room(btf->index, btf->count + 1); /* ids count from 1 */
		btf->index[++btf->count] = at;
		at += size;
	}
	return 0;
}

int cc_btf_open(struct cc_btf *btf, const void *data, size_t length, struct cc_error *error)
{
	const struct btf_header *header = data;
	size_t body;

	memset(btf, 0, sizeof(*btf));
	if (length < sizeof(*header) || header->magic != BTF_MAGIC || header->hdr_len > length)
		return cc_fail(error, CC_EFORMAT, "the kernel's BTF has no header");
	body = length - header->hdr_len;
	if ((uint64_t)header->type_off + header->type_len > body ||
	    (uint64_t)header->str_off + header->str_len > body || !header->str_len)
		return cc_fail(error, CC_EFORMAT, "the kernel's BTF is cut");
	btf->types = (const uint8_t *)data + header->hdr_len + header->type_off;
	btf->types_end = btf->types + header->type_len;
	btf->strings = (const char *)data + header->hdr_len + header->str_off;
	btf->strings_length = header->str_len;
	if (btf->strings[btf->strings_length - 1] || build_index(btf)) {
		cc_btf_close(btf);
		return cc_fail(error, CC_EFORMAT, "the kernel's BTF is malformed");
	}
	return 0;
}

void cc_btf_close(struct cc_btf *btf)
{
	free(btf->index);
	btf->index = NULL;
}

static const char *text(const struct cc_btf *btf, uint32_t offset)
{
	return offset < btf->strings_length ? btf->strings + offset : "";
}

static int is_aggregate(const struct btf_type *type)
{
	unsigned kind = BTF_INFO_KIND(type->info);

	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static int search(const struct cc_btf *btf, const struct btf_type *type, const char *name,
		  uint32_t base, int depth, uint32_t *bits)
{
	const struct btf_member *member = (const struct btf_member *)(type + 1);

	for (unsigned i = 0; i < BTF_INFO_VLEN(type->info); i++, member++) {
		uint32_t at =
			base + (BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(member->offset)
							   : member->offset);
		const char *own = text(btf, member->name_off);

		if (!strcmp(own, name)) {
			*bits = at;
			return 1;
		}
		if (!*own && depth < DEPTH_MAX && member->type && member->type <= btf->count) {
			const void *inner = btf->index[member->type];

			if (is_aggregate(inner) && search(btf, inner, name, at, depth + 1, bits))
				return 1;
		}
	}
	return 0;
}

static const struct btf_type *find_struct(const struct cc_btf *btf, const char *type)
{
	for (size_t id = 1; id <= btf->count; id++) {
		const struct btf_type *candidate = (const void *)btf->index[id];

		if (BTF_INFO_KIND(candidate->info) == BTF_KIND_STRUCT &&
		    !strcmp(text(btf, candidate->name_off), type))
			return candidate;
	}
	return NULL;
}

int cc_btf_size(const struct cc_btf *btf, const char *type, uint32_t *size, struct cc_error *error)
{
	const struct btf_type *found = find_struct(btf, type);

	if (!found)
		return cc_fail(error, CC_EMISSING, "the guest's kernel has no struct %s", type);
	*size = found->size;
	return 0;
}

int cc_btf_offset(const struct cc_btf *btf, const char *type, const char *member, uint32_t *offset,
		  struct cc_error *error)
{
	const struct btf_type *found = find_struct(btf, type);
	uint32_t bits;

	if (found && search(btf, found, member, 0, 0, &bits)) {
		*offset = bits / 8;
		return 0;
	}
	return cc_fail(error, CC_EMISSING, "the guest's kernel has no struct %s with %s", type,
		       member);
}
