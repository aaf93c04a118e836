/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the kernel's entry to the point where the snapshot is taken. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

static const struct {
	const char *type, *where, *options;
} early_mounts[] = {
	{"proc", "/proc", ""},
	{"sysfs", "/sys", ""},
	{"devtmpfs", "/dev", "mode=755"},
};

/*
 * One disk in the guest's memory, for the job; it takes memory as it is written. The size is in
 * KiB.
 */
#define BRD_OPTIONS "rd_nr=1 rd_size=" STRING(JOB_MEMORY_KIB)
#define STRING(macro) STRING_OF(macro)
#define STRING_OF(text) #text

/* Whether the module is loaded now; errno says why not. */
static int load_module(const char *name)
{
	const char *options = !strcmp(name, "brd.ko") ? BRD_OPTIONS : "";
	char path[300];
	int fd, failed;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("module %s", name);
	failed = syscall(SYS_finit_module, fd, options, 0) && errno != EEXIST;
	close(fd);
	return !failed;
}

/*
 * Which module needs which differs between kernels, and the package has no list of that: try them
 * in turn until all are in.
 */
static void load_modules(void)
{
	int left = -1, before = 0;

	while (left && left != before) {
		DIR *modules = opendir("/modules");
		struct dirent *entry;

		if (!modules)
			die("/modules");
		before = left;
		left = 0;
		while ((entry = readdir(modules)))
			left += entry->d_name[0] != '.' && !load_module(entry->d_name);
		closedir(modules);
	}
	if (left)
		die("%d modules cannot be loaded", left);
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
		die("loopback");
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("loopback up");
	close(fd);
}

static void tell_symbols(void)
{
	static const char *const wanted[] = {"do_exit", "current_task", "pcpu_hot"};
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512];

	if (!symbols)
		die("/proc/kallsyms");
	while (fgets(line, sizeof(line), symbols)) {
		unsigned long address;
		char type, name[256];

		/* a line with a fourth field is a module's */
		if (sscanf(line, "%lx %c %255s", &address, &type, name) != 3 || strchr(line, '['))
			continue;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
			if (!strcmp(name, wanted[i]))
				tell("symbol %s %lx", name, address);
	}
	fclose(symbols);
}

void boot(void)
{
	for (size_t i = 0; i < sizeof(early_mounts) / sizeof(*early_mounts); i++) {
		mkdir(early_mounts[i].where, 0755);
		if (mount(early_mounts[i].type, early_mounts[i].where, early_mounts[i].type, 0,
			  early_mounts[i].options) &&
		    errno != EBUSY)
			die("mount %s", early_mounts[i].where);
	}
	load_modules();
	ports_open();
	unpack_base();
	loopback_up();
	tell_symbols();
}
