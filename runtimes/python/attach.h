/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_ATTACH_H
#define CC_PYTHON_ATTACH_H

#include <stdint.h>

/* Before the program's main(): `options` are key=value lines, the last one path=… to the end. */
void cc_python_analyse(const char *options);
void cc_python_analysis_end(void);
char *cc_python_beside(const char *name); /* path of a file beside this object; from malloc */
/* Code of the analysis runs between these, in our own context (storage.h). */
void cc_python_analysis_enter(void);
void cc_python_analysis_leave(void);
unsigned cc_python_analysis_tls(void); /* how many objects with thread-local storage it added */

#endif
