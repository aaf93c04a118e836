/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packed log carries its base: the base's manifest as base/manifest.json and each image as
 * base/NAME.zst. Everything else is copied as it is, so the digest of the manifest, by which slices
 * name their origin, stays the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/vmlog.h"

#define BASE_MANIFEST "base/manifest.json"
#define MANIFEST_MAX (1u << 20)

/* ---- packing ---- */

static int add_image(struct cc_vmlog_writer *writer, const struct cc_base *base,
		     const struct cc_base_image *image, struct cc_error *error)
{
	char *path = cc_base_path(base, image->name), *name = cc_format("base/%s", image->name);
	int status = cc_vmlog_add(writer, name, path, UINT64_MAX, NULL, error);

	free(path);
	free(name);
	return status;
}

static int add_base(struct cc_vmlog_writer *writer, const struct cc_base *base,
		    struct cc_error *error)
{
	char *path = cc_base_path(base, CC_BASE_MANIFEST);
	size_t length;
	char *manifest = cc_read_file(path, MANIFEST_MAX, &length, error);
	int status = manifest ? 0 : CC_EIO;

	if (manifest)
		status = cc_vmlog_add_bytes(writer, BASE_MANIFEST, manifest, length, error);
	for (size_t i = 0; !status && cc_base_images[i].name; i++)
		status = add_image(writer, base, cc_base_images + i, error);
	free(manifest);
	free(path);
	return status;
}

int cc_vmlog_pack(struct cc_vmlog *log, const char *out, const volatile sig_atomic_t *interrupted,
		  struct cc_error *error)
{
	struct cc_vmlog_writer *writer;
	struct cc_base *base;
	int status = cc_vmlog_verify(log, error);

	if (status)
		return status;
	base = cc_vmlog_base(log, error);
	writer = base ? cc_vmlog_create(out, interrupted, error) : NULL;
	if (!writer)
		return error ? error->status : CC_EIO;
	for (int i = 0; !status && i < CC_MEMBERS; i++) {
		const char *path = cc_vmlog_member(log, i, error);
		uint64_t bytes =
			json_integer_value(json_object_get(cc_vmlog_entry(log, i), "bytes"));

		status = path ? cc_vmlog_add(writer, cc_member_names[i], path, bytes, NULL, error)
			      : CC_EIO;
	}
	if (!status)
		status = add_base(writer, base, error);
	if (!status)
		return cc_vmlog_finish(writer, log->manifest, NULL, error);
	cc_vmlog_abandon(writer);
	return status;
}

/* ---- importing ---- */

static int import_images(struct cc_vmlog *log, const json_t *manifest, const char *directory,
			 struct cc_error *error)
{
	json_t *images = json_object_get(manifest, "images");
	int status = 0;

	for (size_t i = 0; !status && cc_base_images[i].name; i++) {
		char *name = cc_format("base/%s", cc_base_images[i].name);
		char *to = cc_format("%s/%s", directory, cc_base_images[i].name);

		status = cc_vmlog_unpack_image(log->path, name,
					       json_object_get(images, cc_base_images[i].name),
					       cc_base_images[i].sparse, to, error);
		free(to);
		free(name);
	}
	return status;
}

static int import(struct cc_vmlog *log, const char *id, const char *text, size_t length,
		  const char *directory, struct cc_error *error)
{
	json_t *manifest = json_loadb(text, length, 0, NULL);
	char *path = cc_format("%s/" CC_BASE_MANIFEST, directory), found[65] = "";
	int status = manifest ? cc_write_file(path, text, length, error) : CC_EFORMAT;

	if (!manifest)
		cc_fail(error, CC_EFORMAT, "its base's manifest is damaged");
	if (!status)
		status = import_images(log, manifest, directory, error);
	if (!status)
		status = cc_base_install(directory, found, error);
	if (!status && strcmp(found, id))
		status = cc_fail(error, CC_EFORMAT, "it carries another base than it needs");
	json_decref(manifest);
	free(path);
	return status;
}

int cc_vmlog_import(struct cc_vmlog *log, const char *id, struct cc_error *error)
{
	size_t length;
	char *text = cc_vmlog_read_small(log->path, BASE_MANIFEST, MANIFEST_MAX, &length, error);
	char *cache = text ? cc_cache_directory(error) : NULL;
	int lock = cache ? cc_base_lock(cache, error) : -1;
	char *directory = lock < 0 ? NULL : cc_base_new_directory(cache, error);
	int status = directory ? import(log, id, text, length, directory, error) : error->status;

	cc_remove_tree(directory);
	if (lock >= 0)
		close(lock);
	free(directory);
	free(cache);
	free(text);
	return status;
}
