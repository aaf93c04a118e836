/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-log on a recorded machine (.vmlog). */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "core/cmd/cmd.h"
#include "core/cmd/kinds.h"
#include "core/cmd/log.h"
#include "core/vm/vm.h"
#include "logs/text.h"

static int info(const char *path, const struct log_options *options, struct cc_error *error)
{
	struct cc_vmlog *log = cc_vmlog_open(path, error);
	struct stat file = {0};
	json_t *object;

	if (!log)
		return error->status;
	stat(path, &file);
	object = cc_json_pack("{s:o, s:s, s:O, s:{s:I}}", "file", cc_json_text(path), "kind",
			      "vmlog", "manifest", cc_vmlog_manifest(log), "sizes", "file_bytes",
			      (json_int_t)file.st_size);
	cc_log_print_info(object, options);
	json_decref(object);
	cc_vmlog_close(log);
	return CC_OK;
}

static int verify(const char *path, char **about, struct cc_error *error)
{
	struct cc_vmlog *log = cc_vmlog_open(path, error);
	int status;

	if (!log)
		return error->status;
	status = cc_vmlog_verify(log, error);
	cc_vmlog_close(log);
	if (!status)
		*about = cc_copy("vmlog, every member and every image of its base");
	return status;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	interrupted = signal;
}

static int pack(const char *path, const struct log_options *options, struct cc_error *error)
{
	struct cc_vmlog *log = cc_vmlog_open(path, error);
	int status;

	if (!log)
		return error->status;
	cc_cmd_catch_interrupts(on_interrupt);
	status = cc_vmlog_pack(log, options->output, &interrupted, error);
	cc_vmlog_close(log);
	return status;
}

const struct log_kind cc_log_machine = {
	.name = "a recorded machine",
	.instead = "make a slice of it with cc-slice first",
	.is = cc_kind_is_machine,
	.run = {[LOG_INFO] = info, [LOG_PACK] = pack},
	.verify = verify,
};
