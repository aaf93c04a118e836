/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files of the host go into the guest of one run. The base's files are there already; nothing
 * else of the host is, unless it is named here.
 */
#include "core/vm/request.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/near.h"
#include "core/base/program.h"
#include "core/runtime/guest.h"
#include "core/runtime/language.h"
#include "core/vm/closure.h"
#include "core/vm/contents.h"
#include "core/vm/exclude.h"
#include "core/vm/job.h"

#define SLOW_BYTES 100e6				      /* worth a word to the user */
#define FILES_MAX (CC_JOB_DRIVE_SIZE - (UINT64_C(128) << 20)) /* leaves room for inodes */
#define INTERPRETERS_MAX 4 /* a script's interpreter may be a script */

struct selection {
	struct cc_request *request;
	struct cc_base *base;
	const struct cc_packages *packages;
	struct cc_package_marks *marks;
	struct cc_fileset *set;
	struct cc_exclude *exclude;
};

static void notice(const struct selection *selection, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void notice(const struct selection *selection, const char *format, ...)
{
	char text[1024];
	va_list list;

	if (!selection->request->notice)
		return;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	selection->request->notice(text);
}

/* ---- what the base has ---- */

static int base_has(void *context, const char *path)
{
	const struct selection *selection = context;

	return cc_cpio_find(&selection->base->files, path + 1) != NULL;
}

/* Whether the base has anything in this directory: then the guest's own is meant by its name. */
static int base_fills(const struct selection *selection, const char *directory)
{
	const struct cc_cpio *files = &selection->base->files;
	size_t length = strlen(directory), low = 0, high = files->count;

	if (length <= 1)
		return 1;
	while (low < high) { /* the first name that is not before "directory/" */
		size_t middle = (low + high) / 2;

		if (strncmp(files->entries[middle].name, directory + 1, length - 1) < 0 ||
		    (!strncmp(files->entries[middle].name, directory + 1, length - 1) &&
		     files->entries[middle].name[length - 1] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < files->count; low++) {
		const char *name = files->entries[low].name;

		if (strncmp(name, directory + 1, length - 1) || name[length - 1] != '/')
			return 0;
		if (!S_ISDIR(files->entries[low].mode))
			return 1;
	}
	return 0;
}

/* ---- what stays out ---- */

#define EXCLUDE_FILE ".crosscutignore"

static const char *owner_of(const struct selection *selection, const char *path);

/* A package is taken whole. */
static int left_out(void *context, const char *path)
{
	const struct selection *selection = context;

	return cc_exclude_has(selection->exclude, path) &&
	       (cc_is_in(path, selection->request->cwd) || !owner_of(selection, path));
}

static int read_excludes(struct selection *selection, struct cc_error *error)
{
	const char *const *globs = selection->request->exclude;
	char *file = cc_format("%s/" EXCLUDE_FILE, selection->request->cwd);
	int status = cc_exclude_read(selection->exclude, file, error);

	for (size_t i = 0; globs && globs[i]; i++)
		cc_exclude_add(selection->exclude, globs[i]);
	free(file);
	return status;
}

static void report_unused(const struct selection *selection)
{
	const char *glob;
	size_t at = 0;

	while ((glob = cc_exclude_unused(selection->exclude, &at)))
		notice(selection, "--exclude %s: nothing that would go into the guest is called so",
		       glob);
}

static void report_privates(const struct selection *selection)
{
	char names[512];

	if (cc_privates_in(selection->set, selection->request->cwd, names, sizeof(names)))
		notice(selection,
		       "the recording takes along %s: whoever gets it gets these; --exclude GLOB "
		       "or a line in " EXCLUDE_FILE " leaves them out",
		       names);
}

/* ---- programs ---- */

static int add_program(struct selection *selection, const char *name, int depth);

static char *absolute(const struct selection *selection, const char *path)
{
	return *path == '/' ? cc_copy(path) : cc_format("%s/%s", selection->request->cwd, path);
}

/* A path as dpkg may have it listed: on a merged /usr, packages still say /bin. */
static const char *owner_of(const struct selection *selection, const char *path)
{
	char *real = realpath(path, NULL);
	const char *names[5] = {path};
	char *short_path = NULL, *short_real = NULL;
	const char *owner;
	size_t n = 1;

	if (!strncmp(path, "/usr/", 5))
		names[n++] = short_path = cc_copy(path + 4);
	if (real)
		names[n++] = real;
	if (real && !strncmp(real, "/usr/", 5))
		names[n++] = short_real = cc_copy(real + 4);
	names[n] = NULL;
	owner = cc_packages_owner(selection->packages, names);
	free(short_path);
	free(short_real);
	free(real);
	return owner;
}

/* The program that a script's first line names; "env" is looked through. */
static void add_interpreter(struct selection *selection, const char *path, int depth)
{
	char line[256] = "", *program, *rest = line + 2;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 3 || line[0] != '#' || line[1] != '!' || depth > INTERPRETERS_MAX)
		return;
	rest[strcspn(rest, "\n")] = 0;
	while ((program = strsep(&rest, " \t")) && !*program)
		;
	if (!program)
		return;
	add_program(selection, program, depth + 1);
	if (strlen(program) < 4 || strcmp(program + strlen(program) - 4, "/env"))
		return;
	while ((program = strsep(&rest, " \t")) && (!*program || *program == '-'))
		;
	if (program && *program)
		add_program(selection, program, depth + 1);
}

/* Whether a search of PATH in the guest finds a program of this name in the base. */
static int base_has_program(const struct selection *selection, const char *name)
{
	static const char *const directories[] = {"usr/bin", "usr/sbin", "usr/local/bin", "bin",
						  "sbin"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		char *path = cc_format("%s/%s", directories[i], name);
		int found = cc_cpio_find(&selection->base->files, path) != NULL;

		free(path);
		if (found)
			return 1;
	}
	return 0;
}

/*
 * Put a program into the guest: with its package when it has one, else the file with its
 * libraries or its interpreter. One that the base has under the same name is the base's, whatever
 * stands in front of it in the user's PATH (pyenv and its like).
 */
static int add_program(struct selection *selection, const char *name, int depth)
{
	char *found = cc_find_program(name, getenv("PATH")), *path, *real;
	const char *owner;

	if (!found)
		return -1;
	path = absolute(selection, found); /* "./x", or PATH has "." */
	free(found);
	real = realpath(path, NULL);
	if (!real || !base_has(selection, real)) {
		if (!strchr(name, '/') && base_has_program(selection, name)) {
			notice(selection, "%s is %s here; the guest runs Debian's %s", name, path,
			       name);
			goto out;
		}
		owner = owner_of(selection, path);
		if (owner)
			cc_add_package(selection->set, selection->packages, owner,
				       selection->marks);
	}
	cc_fileset_add(selection->set, path);
	if (real)
		add_interpreter(selection, real, depth);
out:
	free(real);
	free(path);
	return 0;
}

/* ---- files and directories ---- */

/* A directory, unless the guest has its own of that name. */
static int add_directory(struct selection *selection, const char *path, struct cc_error *error)
{
	char *real = realpath(path, NULL);
	int status = 0;

	if (real && base_fills(selection, real))
		cc_fileset_add(selection->set, path);
	else
		status = cc_fileset_add_tree(selection->set, path, error);
	free(real);
	return status;
}

/* Scripts find their modules beside themselves or in ../lib, by FindBin and its like. */
static int add_script_libraries(struct selection *selection, const char *script,
				struct cc_error *error)
{
	static const char *const places[] = {"lib", "../lib"};
	char *real = realpath(script, NULL);
	int status = 0;

	if (!real)
		return 0;
	*strrchr(real, '/') = 0;
	for (size_t i = 0; !status && i < sizeof(places) / sizeof(*places); i++) {
		char *library = cc_format("%s/%s", real, places[i]);
		char *place = realpath(library, NULL);

		if (place && !base_fills(selection, place))
			status = cc_fileset_add_tree(selection->set, place, error);
		free(place);
		free(library);
	}
	free(real);
	return status;
}

static int is_script(const char *path)
{
	char start[2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int yes = fd >= 0 && read(fd, start, 2) == 2 && !memcmp(start, "#!", 2);
	const char *dot = strrchr(path, '.');

	if (fd >= 0)
		close(fd);
	return yes || (dot && (!strcmp(dot, ".pl") || !strcmp(dot, ".py") || !strcmp(dot, ".t")));
}

/* A word of the command line that may name a file. 1 when it does. */
static int add_word(struct selection *selection, const char *word, struct cc_error *error)
{
	char *path;
	struct stat what;
	int status = 0;

	if (!*word || strlen(word) >= PATH_MAX)
		return 0;
	path = absolute(selection, word);
	if (stat(path, &what)) {
		free(path);
		return 0;
	}
	if (S_ISDIR(what.st_mode)) {
		status = add_directory(selection, path, error);
	} else if (S_ISREG(what.st_mode)) {
		cc_fileset_add(selection->set, path);
		if (is_script(path)) {
			add_interpreter(selection, path, 0);
			status = add_script_libraries(selection, path, error);
		}
	}
	free(path);
	return status ? status : 1;
}

/* "PATH", "-IPATH", "--option=PATH", "-Mlib=PATH", "name=PATH". */
static int add_argument(struct selection *selection, const char *argument, struct cc_error *error)
{
	const char *equals = strchr(argument, '=');
	int found = add_word(selection, argument, error);

	if (!found && equals)
		found = add_word(selection, equals + 1, error);
	if (!found && argument[0] == '-' && argument[1] && argument[1] != '-')
		found = add_word(selection, argument + 2, error);
	return found < 0 ? found : 0;
}

/* The directories that a variable names. */
static int add_search_path(struct selection *selection, const char *variable,
			   struct cc_error *error)
{
	const char *value = getenv(variable);
	char *copy = cc_copy(value ? value : ""), *rest = copy, *directory;
	int status = 0;

	while (!status && (directory = strsep(&rest, ":")))
		if (*directory && add_word(selection, directory, error) < 0)
			status = error ? error->status : CC_ELIMIT;
	free(copy);
	return status;
}

static int add_search_paths(struct selection *selection, struct cc_error *error)
{
	const struct cc_language *const *languages = selection->request->languages;
	int status = 0;

	for (size_t i = 0; languages[i]; i++) {
		const char *const *names = languages[i]->guest->search_paths;

		for (; !status && *names; names++)
			status = add_search_path(selection, *names, error);
	}
	return status;
}

static int add_working_directory(struct selection *selection, struct cc_error *error)
{
	const char *cwd = selection->request->cwd;
	struct cc_error why;
	uint64_t before = cc_fileset_bytes(selection->set), bytes;
	int status;

	if (base_fills(selection, cwd)) {
		notice(selection,
		       "the working directory %s is the guest's own; files of the host in it "
		       "go in by --include",
		       cwd);
		cc_fileset_add(selection->set, cwd);
		return 0;
	}
	status = cc_fileset_add_tree(selection->set, cwd, &why);
	if (status && status != CC_ELIMIT)
		return cc_fail(error, status, "%s", why.text);
	if (status)
		return cc_fail(
			error, CC_ELIMIT,
			"the working directory %s holds more than %.1f GB, which is all that a "
			"guest takes; run the command in a smaller directory, and name what it "
			"needs from elsewhere by --include",
			cwd, FILES_MAX / 1e9);
	if (!cc_fileset_has(selection->set, cwd))
		return cc_fail(error, CC_EUSAGE,
			       "the working directory %s does not go into a guest; run the command "
			       "in another",
			       cwd);
	bytes = cc_fileset_bytes(selection->set) - before;
	if (bytes > SLOW_BYTES)
		notice(selection,
		       "the working directory %s goes into the guest with %.0f MB, which takes "
		       "a while and makes the log large; a smaller one is quicker",
		       cwd, bytes / 1e6);
	return 0;
}

static int add_included(struct selection *selection, struct cc_error *error)
{
	const char *const *include = selection->request->include;
	int status = 0;

	for (size_t i = 0; !status && include && include[i]; i++) {
		char *path = absolute(selection, include[i]);

		if (access(path, F_OK))
			status = cc_fail(error, CC_EMISSING, "--include %s: %s", include[i],
					 strerror(errno));
		else
			status = cc_fileset_add_tree(selection->set, path, error);
		free(path);
	}
	return status;
}

static void add_name(void *context, const char *name, const char *version)
{
	cc_near_add(context, name);
}

static int no_such_package(const struct selection *selection, const char *name,
			   struct cc_error *error)
{
	struct cc_near_names names = {0};
	char *near;

	cc_packages_each(selection->packages, add_name, &names);
	near = cc_near_take(&names, name);
	cc_fail(error, CC_EMISSING,
		"--package %s: not installed on this machine%s `apt-get install %s` first", name,
		*near ? near : ";", name);
	free(near);
	return error->status;
}

static int add_packages(struct selection *selection, struct cc_error *error)
{
	const char *const *names = selection->request->packages;

	for (size_t i = 0; names && names[i]; i++) {
		if (!cc_packages_has(selection->packages, names[i]))
			return no_such_package(selection, names[i], error);
		cc_add_package(selection->set, selection->packages, names[i], selection->marks);
	}
	return 0;
}

/* ---- files of the guest that are made for the run ---- */

/* System users, and the one who records. Passwords are not in these files. */
static void add_users(struct selection *selection)
{
	char *passwd = NULL, *group = NULL;
	size_t length;
	FILE *to = open_memstream(&passwd, &length);
	struct passwd *user;
	struct group *one;

	setpwent();
	while ((user = getpwent()))
		if (user->pw_uid < 1000 || user->pw_uid == 65534 || user->pw_uid == getuid())
			putpwent(user, to);
	endpwent();
	fclose(to);
	cc_fileset_put(selection->set, "/etc/passwd", S_IFREG | 0644, 0, 0, passwd, length);
	to = open_memstream(&group, &length);
	setgrent();
	while ((one = getgrent()))
		if (one->gr_gid < 1000 || one->gr_gid == 65534 || one->gr_gid == getgid())
			putgrent(one, to);
	endgrent();
	fclose(to);
	cc_fileset_put(selection->set, "/etc/group", S_IFREG | 0644, 0, 0, group, length);
	free(passwd);
	free(group);
}

static void put_text(struct selection *selection, const char *path, char *text)
{
	cc_fileset_put(selection->set, path, S_IFREG | 0644, 0, 0, text, strlen(text));
	free(text);
}

static void add_made_files(struct selection *selection)
{
	const char *home = getenv("HOME"), *logical = getenv("PWD");
	char host[HOST_NAME_MAX + 1] = "localhost";

	gethostname(host, sizeof(host) - 1);
	add_users(selection);
	put_text(selection, "/etc/hostname", cc_format("%s\n", host));
	put_text(selection, "/etc/hosts",
		 cc_format("127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost "
			   "ip6-loopback\n",
			   host));
	cc_fileset_add(selection->set, "/etc/localtime");
	cc_fileset_add(selection->set, "/etc/timezone");
	cc_fileset_add(selection->set, "/etc/default/locale");
	if (home && *home == '/')
		cc_fileset_add(selection->set, home);
	if (logical && *logical == '/') /* may go through symbolic links */
		cc_fileset_add(selection->set, logical);
}

/* ---- all of it ---- */

static int add_arguments(struct selection *selection, struct cc_error *error)
{
	char *const *argv = selection->request->argv;
	char *command;
	int status = 0;

	if (add_program(selection, argv[0], 0)) {
		int denied = strchr(argv[0], '/') && !access(argv[0], F_OK);

		selection->request->shell_status = denied ? 126 : 127;
		return cc_fail(error, CC_EMISSING, "%s: %s", argv[0],
			       denied ? "not executable" : "command not found");
	}
	command = cc_find_program(argv[0], getenv("PATH"));
	if (command && is_script(command))
		status = add_script_libraries(selection, command, error);
	free(command);
	for (size_t i = 1; !status && argv[i]; i++)
		status = add_argument(selection, argv[i], error);
	return status;
}

static int select_files(struct selection *selection, struct cc_error *error)
{
	struct cc_error why = {0};
	int status = add_arguments(selection, &why);

	if (!status)
		status = add_search_paths(selection, &why);
	if (!status)
		status = add_packages(selection, &why);
	if (!status)
		status = add_included(selection, &why);
	if (status == CC_ELIMIT)
		return cc_fail(error, status,
			       "%s, which is all that a guest takes; name smaller parts of "
			       "it",
			       why.text);
	if (status)
		return cc_fail(error, status, "%s", why.text);
	return add_working_directory(selection, error);
}

int cc_request_files(struct cc_request *request, struct cc_base *base,
		     const struct cc_packages *packages, struct cc_fileset *set,
		     struct cc_error *error)
{
	struct selection selection = {.request = request,
				      .base = base,
				      .packages = packages,
				      .marks = cc_package_marks_new(packages),
				      .set = set,
				      .exclude = cc_exclude_new(request->cwd)};
	int status = cc_base_files(base, error);

	if (!status)
		status = read_excludes(&selection, error);
	if (!status) {
		cc_fileset_leave_out(set, left_out, &selection);
		cc_fileset_skip(set, base_has, &selection);
		cc_fileset_limit(set, FILES_MAX);
		status = select_files(&selection, error);
	}
	if (!status) {
		cc_add_libraries(set);
		cc_add_alternatives(set);
		add_made_files(&selection);
		report_unused(&selection);
		report_privates(&selection);
	}
	cc_fileset_leave_out(set, NULL, NULL);
	cc_exclude_free(selection.exclude);
	cc_fileset_skip(set, NULL, NULL);
	cc_package_marks_free(selection.marks);
	return status;
}
