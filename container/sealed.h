/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/sealed.h - the runtime runs from a sealed copy of itself in memory:
 * a container that gets hold of /proc/PID/exe of a process of ours gets that,
 * not the file on the host's disk (CVE-2019-5736).
 * Threads: before any other. */
#ifndef CUTTLE_CONTAINER_SEALED_H
#define CUTTLE_CONTAINER_SEALED_H

/* Starts the copy with the same arguments, once. Returns in it, and where none
 * is needed: somebody who is not root on the host may not write the file. */
void sealed_self(char **argv);

#endif
