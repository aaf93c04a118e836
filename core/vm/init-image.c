/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/init-image.h"

/* CC_INIT_IMAGE is the path of the program; GNUmakefile gives it to this file. */
__asm__(".section .rodata\n"
	".global cc_init_image\n"
	"cc_init_image:\n"
	".incbin \"" CC_INIT_IMAGE "\"\n"
	".global cc_init_image_end\n"
	"cc_init_image_end:\n"
	".byte 0\n"
	".previous\n");
