/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_ATTACH_H
#define CC_PYTHON_ATTACH_H

/* Before the program's main(): `options` are key=value lines, the last one path=… to the end. */
void cc_python_analyse(const char *options);
void cc_python_analysis_end(void);

#endif
