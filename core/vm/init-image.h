/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's init, linked into the library as it was built from core/vm/guest/. */
#ifndef CC_VM_INIT_IMAGE_H
#define CC_VM_INIT_IMAGE_H

extern const char cc_init_image[], cc_init_image_end[];

#endif
