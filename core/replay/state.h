/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a replay knows changes in few places: each file has its variables in one structure, and
 * these stand together in a section of the object. So whoever is to copy a running replay has them
 * all (t/0215 checks that there are no others).
 */
#ifndef CC_REPLAY_STATE_H
#define CC_REPLAY_STATE_H

/* For each variable of core/replay that may change. */
#define CC_STATE __attribute__((section("cc_state")))

#endif
