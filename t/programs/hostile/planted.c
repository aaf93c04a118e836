/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An object that a slice names in its environment: that it was loaded, a file says. */
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void)
{
	close(open(CANARY, O_WRONLY | O_CREAT, 0600));
}
