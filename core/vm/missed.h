/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a failed run says it did not find, when the host has it. */
#ifndef CC_VM_MISSED_H
#define CC_VM_MISSED_H

#include "core/vm/base.h"
#include "core/vm/fileset.h"

/*
 * Look through what the command wrote to stderr for paths (absolute, or from `cwd`) that exist on
 * the host and were not in the guest, and tell each with the option that takes it there.
 */
void cc_report_missed(const char *complaints, const char *cwd, const struct cc_fileset *set,
		      struct cc_base *base, void (*notice)(const char *text));

#endif
