/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stage/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/host/inner.h"
#include "core/runtime/guest.h"
#include "core/runtime/language.h"
#include "core/stage/kernel.h"
#include "core/vm/guestfs.h"
#include "core/vm/kernel-types.h"
#include "core/vm/vmlog.h"
#include "logs/log.h"
#include "logs/text.h"

/*
 * The ELF objects of the guest that the plugin must know. A star stops at a slash in patterns that
 * begin with one; a pattern without a slash is for the last name: plugins of libraries and a
 * program's own stand anywhere. Languages add theirs (core/runtime/guest.h).
 */
static const char *const objects[] = {"*.so", "*.so.*", NULL};

#define REPORT (128 << 10) /* bytes */
#define REPORT_MAX (64u << 20)

struct extraction {
	const struct cc_language *const *languages;
	struct cc_vmlog *log;
	const char *directory;
	FILE *index;
	unsigned count;
	char **paths;
	struct cc_error *error;
};

static int fits(const char *pattern, const char *path)
{
	if (!strchr(pattern, '/'))
		return !fnmatch(pattern, strrchr(path, '/') + 1, 0);
	return !fnmatch(pattern, path, *pattern == '/' ? FNM_PATHNAME : 0);
}

static int fits_one(const char *const patterns[], const char *path)
{
	while (*patterns && !fits(*patterns, path))
		patterns++;
	return *patterns != NULL;
}

static int is_object(const struct cc_language *const *languages, const char *path)
{
	if (cc_inner_object(path))
		return 0;
	if (fits_one(objects, path))
		return 1;
	for (size_t i = 0; languages[i]; i++)
		if (fits_one(languages[i]->guest->objects, path))
			return 1;
	return 0;
}

/*
 * A link to another object (libz.so.1 to libz.so.1.2.13, a virtual environment's
 * interpreter to the one in /usr/bin): one object is enough, as the plugin looks files up by where
 * links lead, and the interpreter is to be called what it is.
 */
static int leads_to_object(const struct cc_language *const *languages, const char *path,
			   const char *link)
{
	char *target;
	int is;

	if (*link == '/')
		return is_object(languages, link);
	if (strchr(link, '/'))
		return 0;
	target = cc_format("%.*s/%s", (int)(strrchr(path, '/') - path), path, link);
	is = is_object(languages, target);
	free(target);
	return is;
}

/*
 * "L", the path of a link, where it leads; "E", the path of an object, where it stands here, and
 * in which part of that (from byte `offset`, `size` bytes; 0: all of it).
 */
static void put_line(const struct extraction *extraction, char kind, const char *path,
		     const char *to, uint64_t offset, uint64_t size)
{
	fprintf(extraction->index, "%c\t", kind);
	cc_put_escaped(path, extraction->index);
	fputc('\t', extraction->index);
	cc_put_escaped(to, extraction->index);
	fprintf(extraction->index, "\t%llu\t%llu\n", (unsigned long long)offset,
		(unsigned long long)size);
}

static int consider(void *context, const char *path, mode_t mode, uint64_t size, const char *link)
{
	struct extraction *extraction = context;

	if (link)
		put_line(extraction, 'L', path, link, 0, 0);
	if (!is_object(extraction->languages, path) ||
	    (link && leads_to_object(extraction->languages, path, link)))
		return 0;
	cc_array_room(extraction->paths, extraction->count);
	extraction->paths[extraction->count++] = cc_copy(path);
	return 0;
}

/* A package's library need not be copied: nothing but its code and symbols is looked at. */
static int is_in_place(struct extraction *extraction, unsigned i)
{
	uint64_t offset, size;
	const char *file;

	if (strncmp(extraction->paths[i], "/usr/lib/", 9) ||
	    !cc_vm_locate(extraction->log, extraction->paths[i], &file, &offset, &size))
		return 0;
	put_line(extraction, 'E', extraction->paths[i], file, offset, size);
	return 1;
}

static int extract_all(struct extraction *extraction)
{
	int status = cc_vm_list(extraction->log, consider, extraction, extraction->error);

	for (unsigned i = 0; i < extraction->count && status >= 0; i++) {
		struct cc_error why;
		char *to;

		if (is_in_place(extraction, i))
			continue;
		to = cc_format("%s/f%u", extraction->directory, i);
		status = cc_vm_extract(extraction->log, extraction->paths[i], to, &why);
		if (status == CC_EMISSING)
			status = 0; /* a link to nowhere, or to a directory */
		else if (status < 0)
			*extraction->error = why;
		else
			put_line(extraction, 'E', extraction->paths[i], to, 0, 0);
		free(to);
	}
	for (unsigned i = 0; i < extraction->count; i++)
		free(extraction->paths[i]);
	free(extraction->paths);
	return status < 0 ? status : 0;
}

static int write_index(const struct cc_language *const *languages, struct cc_vmlog *log,
		       const char *directory, const char *index, struct cc_error *error)
{
	struct extraction extraction = {.languages = languages,
					.log = log,
					.directory = directory,
					.error = error};
	int status;

	extraction.index = fopen(index, "w");
	if (!extraction.index)
		return cc_fail(error, CC_EIO, "%s: %s", index, strerror(errno));
	status = extract_all(&extraction);
	if (fclose(extraction.index) && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", index, strerror(errno));
	return status;
}

/* The machine's name: its first line. */
static void add_host(json_t *manifest, struct cc_vmlog *log, const char *directory)
{
	char *path = cc_format("%s/host", directory), name[65] = "";
	FILE *file;

	if (cc_vm_extract(log, "/etc/hostname", path, NULL) >= 0 && (file = fopen(path, "r"))) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	free(path);
	if (*name)
		json_object_set_new(manifest, "host", cc_json_text(name));
}

/* The kernel's, in its package's name: linux-image-RELEASE_VERSION_ARCHITECTURE. */
static void add_release(json_t *manifest, struct cc_vmlog *log)
{
	static const char prefix[] = "linux-image-";
	const json_t *kernel = json_object_get(cc_vmlog_manifest(log), "kernel");
	const char *package = json_string_value(json_object_get(kernel, "package"));

	if (package && !strncmp(package, prefix, strlen(prefix)))
		json_object_set_new(manifest, "release",
				    json_stringn(package + strlen(prefix),
						 strcspn(package + strlen(prefix), "_")));
}

static json_t *manifest(struct cc_vmlog *log, const struct cc_slice_request *request,
			const char *directory, struct cc_error *error)
{
	char digest[65];
	json_t *json;

	if (cc_sha256_file(cc_vmlog_path(log), digest, error) < 0)
		return NULL;
	json = cc_json_pack("{s:s, s:s, s:s, s:{s:o, s:s, s:O}, s:O}", "stage", "cc-slice",
			    "version", CC_VERSION, "processor", cc_machine_processor, "from", "log",
			    cc_json_text(cc_vmlog_path(log)), "sha256", digest, "manifest",
			    cc_vmlog_manifest(log), "options", request->options);
	add_host(json, log, directory);
	add_release(json, log);
	json_object_set_new(json, "processors", json_integer(1)); /* as the machine has */
	return json;
}

/*
 * Where the guest's kernel keeps what the stage looks at; what the run wrote, as it is asked to
 * find its place in that; and where it can ask for the files that it had.
 */
static int add_kernel(struct cc_vmlog *log, json_t *request, int files, struct cc_error *error)
{
	struct cc_kernel_types types;
	const struct cc_kernel_wanted wanted[] = {
#define CC_KERNEL_TYPE(name, type, member) {type, member, &types.name},
		CC_KERNEL_TYPES(CC_KERNEL_TYPE)
#undef CC_KERNEL_TYPE
	};
	json_t *kernel = json_object_get(request, "kernel");
	const char *out = cc_vm_output(log, 1, error),
		   *err = out ? cc_vm_output(log, 2, error) : NULL;

	if (!err || cc_vm_kernel_types(log, wanted, sizeof(wanted) / sizeof(*wanted), error))
		return -1;
#define CC_KERNEL_TYPE(name, type, member)                                                         \
	json_object_set_new(kernel, #name, json_integer(types.name));
	CC_KERNEL_TYPES(CC_KERNEL_TYPE)
#undef CC_KERNEL_TYPE
	json_object_set_new(request, "stdout", json_string(out));
	json_object_set_new(request, "stderr", json_string(err));
	json_object_set_new(request, "files", json_integer(files));
	return 0;
}

static json_t *request_json(struct cc_vmlog *log, const struct cc_slice_request *request,
			    const char *directory, const char *index, struct cc_error *error)
{
	const struct cc_vm_kernel *kernel = cc_vmlog_kernel(log);
	json_t *head = manifest(log, request, directory, error);
	json_t *json;

	if (!head)
		return NULL;
	json = cc_json_pack("{s:o, s:o, s:o, s:b, s:b, s:b, s:{s:I, s:I, s:i, s:i, s:i}}", "out",
			    cc_json_text(directory), "objects", cc_json_text(index), "manifest",
			    head, "all", request->all, "list", request->list, "forks",
			    request->forks, "kernel", "current_task",
			    (json_int_t)kernel->current_task, "do_exit",
			    (json_int_t)kernel->do_exit, "task_pid", (int)kernel->task_pid,
			    "task_tgid", (int)kernel->task_tgid, "task_real_parent",
			    (int)kernel->task_real_parent);
	if (request->serials)
		json_object_set_new(json, "serials", json_deep_copy(request->serials));
	if (request->exe)
		json_object_set_new(json, "exe", cc_json_text(request->exe));
	if (request->match)
		json_object_set_new(json, "match", cc_json_text(request->match));
	return json;
}

/* Room for the report: when slices fill the disk up, it is what says so. */
static int reserve(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int failed = fd < 0 ? errno : posix_fallocate(fd, 0, REPORT);

	if (fd >= 0)
		close(fd);
	errno = failed == EOPNOTSUPP ? 0 : failed;
	return errno ? -1 : 0;
}

/* As QEMU's option -plugin takes it. */
static char *name_plugin(const char *plugin, const char *request)
{
	char *file = cc_machine_escape(plugin), *argument = cc_machine_escape(request),
	     *text = cc_format("%s,request=%s", file, argument);

	free(file);
	free(argument);
	return text;
}

/* The replay, with what the stage needs besides the recording. */
static int replay(struct cc_vmlog *log, const struct cc_slice_request *request,
		  const char *directory, const char *plugin, const int files[2],
		  struct cc_error *error)
{
	const char *const plugins[] = {plugin, NULL}, *const writable[] = {directory, NULL};
	const char *const readable[] = {request->plugin,
					cc_vm_output(log, 1, error),
					cc_vm_output(log, 2, error),
					"/proc/self",	 /* where the guest's memory is mapped */
					"/var/lib/dpkg", /* who owns a library */
					NULL};
	const struct cc_vm_replay_options options = {
		.plugins = plugins,
		.keep = &files[1],
		.keep_count = 1,
		.tick = request->tick,
		.context = request->context,
		.stderr_fd = getenv("CC_DEBUG") ? 2 : 0,
		.readable = readable,
		.writable = writable,
		.asked = files[0],
	};
	struct cc_vm_result result;

	return cc_vm_replay(log, &options, &result, error);
}

/* Of a file, or a word to print. */
static int is_name(const char *name)
{
	for (const char *at = name; at && *at; at++)
		if (*at == '/' || (unsigned char)*at < ' ' || *at == 127)
			return 0;
	return name && *name && strcmp(name, ".") && strcmp(name, "..");
}

/* A file that stands in our directory, and is one. */
static int is_ours(const char *file, const char *directory)
{
	size_t length = strlen(directory);
	struct stat info;

	return file && !strncmp(file, directory, length) && file[length] == '/' &&
	       is_name(file + length + 1) && !lstat(file, &info) && S_ISREG(info.st_mode);
}

static int check_image(const json_t *image, const char *directory)
{
	const json_t *file = json_object_get(image, "file"), *name = json_object_get(image, "name");
	const char *runtime = json_string_value(json_object_get(image, "runtime"));
	char *path = cc_json_copy(file, NULL), *last = cc_json_copy(name, NULL);
	int is =
		(!file || is_ours(path, directory)) && (!name || is_name(last)) && is_name(runtime);

	free(path);
	free(last);
	return is;
}

/* It says which files become slices, and how they are called. */
static int check_report(const json_t *report, const char *directory, struct cc_error *error)
{
	const json_t *images = json_object_get(report, "images"), *image;
	int is = json_is_array(images) && json_is_array(json_object_get(report, "processes"));

	for (size_t i = 0; (image = json_array_get(images, i)); i++)
		is = is && check_image(image, directory);
	return is ? 0
		  : cc_fail(error, CC_EFORMAT,
			    "the stage's report is none: the recording may have taken QEMU over");
}

/* What QEMU has written, which may have been taken over by what it replays. */
static json_t *read_report(const char *path, const char *directory, struct cc_error *error)
{
	size_t length;
	char *text = cc_read_file(path, REPORT_MAX, &length, error);
	json_error_t why = {.text = ""};
	json_t *report = text ? json_loadb(text, length, 0, &why) : NULL;

	if (text && !report)
		cc_fail(error, CC_EIO, "the stage wrote no report: %s", why.text);
	free(text);
	if (report && check_report(report, directory, error)) {
		json_decref(report);
		report = NULL;
	}
	return report;
}

json_t *cc_slice(struct cc_vmlog *log, const struct cc_slice_request *request,
		 const char *directory, struct cc_error *error)
{
	char *index = NULL, *request_file = NULL, *report_file = NULL, *plugin = NULL;
	json_t *json = NULL, *report = NULL;
	int files[2] = {-1, -1};

	index = cc_format("%s/index", directory);
	request_file = cc_format("%s/request.json", directory);
	report_file = cc_format("%s/report.json", directory);
	plugin = name_plugin(request->plugin, request_file);
	if (write_index(request->languages, log, directory, index, error) < 0)
		goto out;
	json = request_json(log, request, directory, index, error);
	if (!json || cc_guestfs_pair(files, error) || add_kernel(log, json, files[1], error))
		goto out;
	if (json_dump_file(json, request_file, 0) || reserve(report_file)) {
		cc_fail(error, CC_EIO, "%s: %s", request_file, strerror(errno));
		goto out;
	}
	if (replay(log, request, directory, plugin, files, error) < 0)
		goto out;
	report = read_report(report_file, directory, error);
out:
	for (int i = 0; i < 2; i++)
		if (files[i] >= 0)
			close(files[i]);
	json_decref(json);
	free(index);
	free(request_file);
	free(report_file);
	free(plugin);
	return report;
}
