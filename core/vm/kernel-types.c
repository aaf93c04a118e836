/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/kernel-types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/vm/base.h"
#include "core/vm/btf.h"
#include "core/vm/limits.h"
#include "core/vm/vmlog.h"

#define KERNEL_FROM (16u << 20) /* where an x86-64 kernel is loaded (CONFIG_PHYSICAL_START) */
#define KERNEL_TO (256u << 20)
#define TYPES_MIN (1u << 20) /* modules have BTF too, but little of it */

/* The kernel's image is in one piece, and its section .BTF in that. */
static const uint8_t *find_btf(const uint8_t *ram, size_t size, size_t *length)
{
	static const uint8_t magic[] = {BTF_MAGIC & 0xff, BTF_MAGIC >> 8, BTF_VERSION};
	const uint8_t *end = ram + (size < KERNEL_TO ? size : KERNEL_TO), *at = ram + KERNEL_FROM;

	while (at < end && (at = memmem(at, (size_t)(end - at), magic, sizeof(magic)))) {
		struct btf_header header;

		if ((size_t)(end - at) < sizeof(header))
			return NULL;
		memcpy(&header, at, sizeof(header));
		*length = (size_t)header.hdr_len + header.str_off + header.str_len;
		if (header.hdr_len == sizeof(header) && header.type_len > TYPES_MIN &&
		    header.str_off >= header.type_off + header.type_len &&
		    *length <= (size_t)(end - at))
			return at;
		at++;
	}
	return NULL;
}

static int look_up(const uint8_t *data, size_t length, const struct cc_kernel_wanted *wanted,
		   size_t count, struct cc_error *error)
{
	struct cc_btf btf;
	int status = cc_btf_open(&btf, data, length, error);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = *wanted[i].member ? cc_btf_offset(&btf, wanted[i].type, wanted[i].member,
							   wanted[i].to, error)
					   : cc_btf_size(&btf, wanted[i].type, wanted[i].to, error);
	cc_btf_close(&btf);
	return status;
}

int cc_vm_kernel_types(struct cc_vmlog *log, const struct cc_kernel_wanted *wanted, size_t count,
		       struct cc_error *error)
{
	struct cc_base *base = cc_vmlog_base(log, error);
	const uint8_t *ram = MAP_FAILED, *btf;
	char *path;
	size_t length;
	int fd, status;

	/* Here its memory is mapped for the first time */
	if (!base || cc_limits_check(base->ram_bytes, error))
		return error->status;
	path = cc_base_path(base, "ram");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		ram = mmap(NULL, base->ram_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (ram == MAP_FAILED) {
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	} else {
		btf = base->ram_bytes > KERNEL_FROM ? find_btf(ram, base->ram_bytes, &length)
						    : NULL;
		status = btf ? look_up(btf, length, wanted, count, error)
			     : cc_fail(error, CC_EFORMAT, "%s: the guest's kernel has no BTF in it",
				       path);
		munmap((void *)ram, base->ram_bytes);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}
