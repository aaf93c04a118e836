/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/kernel.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/program.h"
#include "core/vm/btf.h"

#define META_PACKAGE "linux-image-cloud-amd64"
#define KERNEL_MAX (1u << 30)
#define CHUNK (1 << 18)
#define RUN_DEPS "run `make deps` first"

const char *const cc_kernel_modules[] = {"virtio.ko",
					 "virtio_ring.ko",
					 "virtio_pci_legacy_dev.ko",
					 "virtio_pci_modern_dev.ko",
					 "virtio_pci.ko",
					 "virtio_blk.ko",
					 "virtio_console.ko",
					 "brd.ko",
					 "squashfs.ko",
					 "overlay.ko",
					 NULL};

/* ---- the package ---- */

static char *newest(const char *directory)
{
	char *pattern = cc_format("%s/linux-image-*.deb", directory), *found = NULL;
	struct stat status;
	time_t best = 0;
	glob_t list;

	if (!glob(pattern, 0, NULL, &list)) {
		for (size_t i = 0; i < list.gl_pathc; i++) {
			if (stat(list.gl_pathv[i], &status) || (found && status.st_mtime <= best))
				continue;
			free(found);
			found = cc_copy(list.gl_pathv[i]);
			best = status.st_mtime;
		}
		globfree(&list);
	}
	free(pattern);
	return found;
}

/* contrib/deps does the same; this serves a user whose cache is not that of whoever ran it. */
static int download(const char *directory, struct cc_error *error)
{
	char *script =
		cc_format("cd '%s' && package=$(apt-cache depends " META_PACKAGE
			  " | sed -n 's/^ *Depends: \\(linux-image-[^ ]*\\)$/\\1/p' | head -n 1) &&"
			  " test -n \"$package\" && mkdir -p part && cd part &&"
			  " apt-get download -qq \"$package\" && mv linux-image-*.deb ..",
			  directory);
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct cc_error why;
	int status = strchr(directory, '\'') ? CC_EUSAGE : 0;

	if (status)
		cc_fail(&why, status, "%s has a quote in its name", directory);
	else
		status = cc_run_program(argv, -1, -1, RUN_DEPS, &why);
	if (status)
		cc_fail(error, CC_EMISSING,
			"the guest's kernel (what " META_PACKAGE
			" depends on) could not be downloaded: %s; " RUN_DEPS,
			why.text);
	free(script);
	return status;
}

char *cc_kernel_package(const char *cache, struct cc_error *error)
{
	char *directory = cc_format("%s/kernel", cache), *package = NULL;

	if (!cc_make_directories(directory, error)) {
		package = newest(directory);
		if (!package && !download(directory, error))
			package = newest(directory);
	}
	free(directory);
	return package;
}

/* ---- unpacking ---- */

static int save_entry(struct archive *archive, const char *to, struct cc_error *error)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), status = 0;
	char *chunk = cc_allocate(CHUNK);
	ssize_t n = 0;

	if (fd < 0)
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	while (!status && (n = archive_read_data(archive, chunk, CHUNK)) > 0)
		status = cc_write_all(fd, chunk, n, to, error);
	if (!status && n < 0)
		status = cc_fail(error, CC_EFORMAT, "%s: %s", to, archive_error_string(archive));
	if (fd >= 0 && close(fd) && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	free(chunk);
	return status;
}

static int is_wanted(const char *name)
{
	if (!strncmp(name, "vmlinuz-", 8))
		return 1;
	for (size_t i = 0; cc_kernel_modules[i]; i++)
		if (!strcmp(name, cc_kernel_modules[i]))
			return 1;
	return 0;
}

static int save_wanted(int fd, const char *directory, struct cc_error *error)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	int status = 0;

	archive_read_support_format_tar(archive);
	if (archive_read_open_fd(archive, fd, CHUNK) != ARCHIVE_OK)
		status = cc_fail(error, CC_EFORMAT, "%s", archive_error_string(archive));
	while (!status && archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry), *name;
		char *to;

		name = path && strrchr(path, '/') ? strrchr(path, '/') + 1 : "";
		if (archive_entry_filetype(entry) != AE_IFREG || !is_wanted(name))
			continue;
		to = cc_format("%s/%s", directory, strncmp(name, "vmlinuz-", 8) ? name : "vmlinuz");
		status = save_entry(archive, to, error);
		free(to);
	}
	archive_read_free(archive);
	return status;
}

/* dpkg-deb writes the package's files as a tar stream, whatever it was compressed with. */
static int unpack_package(const char *package, const char *directory, struct cc_error *error)
{
	const char *const argv[] = {"dpkg-deb", "--fsys-tarfile", package, NULL};
	char *tar = cc_format("%s/package.tar", directory);
	int fd = open(tar, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status;

	if (fd < 0) {
		status = cc_fail(error, CC_EIO, "%s: %s", tar, strerror(errno));
	} else {
		status = cc_run_program(argv, -1, fd, "this needs a Debian system", error);
		if (!status && lseek(fd, 0, SEEK_SET) == 0)
			status = save_wanted(fd, directory, error);
		close(fd);
		unlink(tar);
	}
	free(tar);
	return status;
}

/*
 * A bzImage carries the compressed vmlinux as its payload, at an offset that its header has from
 * protocol 2.08 on (Documentation/x86/boot.rst). libarchive knows every compression that the kernel
 * uses.
 */
static int extract_vmlinux(const char *vmlinuz, const char *vmlinux, struct cc_error *error)
{
	size_t length, start;
	char *image = cc_read_file(vmlinuz, KERNEL_MAX, &length, error);
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	uint32_t offset, size;
	int status = 0;

	if (!image) {
		status = CC_EIO;
		goto out;
	}
	if (length < 0x250 || memcmp(image + 0x202, "HdrS", 4)) {
		status = cc_fail(error, CC_EFORMAT, "%s: not a bzImage", vmlinuz);
		goto out;
	}
	start = ((image[0x1f1] ? (uint8_t)image[0x1f1] : 4) + 1) * 512;
	memcpy(&offset, image + 0x248, sizeof(offset));
	memcpy(&size, image + 0x24c, sizeof(size));
	if (start + (uint64_t)offset + size > length) {
		status = cc_fail(error, CC_EFORMAT, "%s: its payload is cut", vmlinuz);
		goto out;
	}
	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, image + start + offset, size - 4) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		status = cc_fail(error, CC_EFORMAT, "%s: %s", vmlinuz,
				 archive_error_string(archive));
	else
		status = save_entry(archive, vmlinux, error);
out:
	archive_read_free(archive);
	free(image);
	return status;
}

int cc_kernel_unpack(const char *package, const char *directory, struct cc_error *error)
{
	char *vmlinuz = cc_format("%s/vmlinuz", directory);
	char *vmlinux = cc_format("%s/vmlinux", directory);
	int status = unpack_package(package, directory, error);

	if (!status)
		status = extract_vmlinux(vmlinuz, vmlinux, error);
	unlink(vmlinuz);
	free(vmlinuz);
	free(vmlinux);
	return status;
}

/* ---- struct task_struct ---- */

static Elf_Data *find_btf(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (!elf || elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (name && !strcmp(name, ".BTF"))
			return elf_getdata(section, NULL);
	}
	return NULL;
}

int cc_kernel_offsets(const char *vmlinux, struct cc_vm_kernel *kernel, struct cc_error *error)
{
	const struct {
		const char *member;
		uint32_t *to;
	} wanted[] = {
		{"pid", &kernel->task_pid},
		{"tgid", &kernel->task_tgid},
		{"real_parent", &kernel->task_real_parent},
		{"comm", &kernel->task_comm},
		{"exit_code", &kernel->task_exit_code},
	};
	int fd = open(vmlinux, O_RDONLY | O_CLOEXEC), status;
	struct cc_btf btf;
	Elf_Data *data;
	Elf *elf;

	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s: %s", vmlinux, strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	data = find_btf(elf);
	if (!data)
		status = cc_fail(error, CC_EFORMAT, "%s: no .BTF section", vmlinux);
	else
		status = cc_btf_open(&btf, data->d_buf, data->d_size, error);
	for (size_t i = 0; !status && i < sizeof(wanted) / sizeof(*wanted); i++)
		status = cc_btf_offset(&btf, "task_struct", wanted[i].member, wanted[i].to, error);
	if (data)
		cc_btf_close(&btf);
	elf_end(elf);
	close(fd);
	return status;
}
