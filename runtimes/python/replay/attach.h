/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_ATTACH_H
#define CC_PYTHON_ATTACH_H

/* Before the program's main(): `options` are key=value lines, the last one path=… to the end. */
void cc_python_analyse(const char *options);
/* A forked child's own run begins: functions that trace are told from here on. */
void cc_python_analysis_forked(void);
void cc_python_analysis_end(void);

#endif
