/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports to the host, and the end of the machine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

static int port_fd[PORTS] = {-1, -1, -1, -1};
static uint64_t port_sent[PORTS];

/* The /dev/vportNpM whose device has this name, or -1. */
static int open_port(const char *name)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	int found = -1;

	while (ports && found < 0 && (entry = readdir(ports))) {
		char path[300], text[64] = "";
		int fd;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text) - 1) > 0)
			text[strcspn(text, "\n")] = 0;
		close(fd);
		if (strcmp(text, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		found = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (ports)
		closedir(ports);
	return found;
}

void ports_open(void)
{
	static const char *const names[PORTS] = CC_PORT_NAMES;

	for (int port = 0; port < PORTS; port++) {
		/* The driver learns the names from the device a moment after it was loaded. */
		for (int tries = 0; port_fd[port] < 0 && tries < 500; tries++) {
			port_fd[port] = open_port(names[port]);
			if (port_fd[port] < 0)
				usleep(10000);
		}
		if (port_fd[port] < 0)
			die("no virtio port %s", names[port]);
	}
}

void port_write(enum port port, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(port_fd[port], at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* the host sees it by the byte counts */
		at += n;
		length -= n;
		port_sent[port] += n;
	}
}

uint64_t port_bytes(enum port port)
{
	return port_sent[port];
}

void tell(const char *format, ...)
{
	char line[1024];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line) - 1, format, list);
	va_end(list);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (port_fd[PORT_CONTROL] < 0)
		length = write(2, line, length); /* the console: all there is */
	else
		port_write(PORT_CONTROL, line, length);
}

void die(const char *format, ...)
{
	char text[900];
	va_list list;
	int error = errno;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	tell("fatal %s (%s)", text, error ? strerror(error) : "no errno");
	power_off();
}

/* QEMU runs with -no-reboot, so a reset ends it; a reset needs no ACPI in the machine. */
void power_off(void)
{
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
