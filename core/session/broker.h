/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The broker of a replay that is confined (core/base/confine.h): the kernel holds the system calls
 * that its filter does not decide, and asks us (seccomp_unotify(2)). We open files, of those that
 * are allowed, and hand their descriptors in; signals among the replay's processes pass; all else
 * fails with EPERM, and is told to the user.
 */
#ifndef CC_BROKER_H
#define CC_BROKER_H

#include <sys/types.h>

#include "core/base/error.h"
#include "core/session/allowed.h"

struct cc_broker;

/*
 * Begins to serve, in a thread, whoever sends the descriptor to ask by through `socket` (one
 * message of core/base/wire.h, {} with it). `tool` is the command whose name messages carry;
 * `allowed` stays the caller's. The socket is closed at the end. NULL with *error.
 */
struct cc_broker *cc_broker_start(const char *tool, const struct cc_allowed *allowed, int socket,
				  struct cc_error *error);

/* When the replay is over: waits for the thread. NULL is fine. */
void cc_broker_end(struct cc_broker *broker);

#endif
