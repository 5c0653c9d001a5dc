/* SPDX-License-Identifier: MIT */
/* faulty_vfs.h - a VFS of SQLite named "faulty": the default one, with faults.
 *
 * Power loss: every write since the last sync of its file may be missing, in
 * part or whole, in any combination; so may a file be longer or shorter than it
 * was. */
#ifndef STORE_FAULTY_VFS_H
#define STORE_FAULTY_VFS_H

#include <stdint.h>

/* Registers it; again: no faults, counters 0. */
void faulty_vfs_reset(void);

/* After `after` more writes or syncs each of them fails with this code of
 * SQLite (SQLITE_FULL, SQLITE_IOERR_WRITE); -1: never. */
void faulty_vfs_fail(int after, int code);

/* After `after` more writes or syncs the machine is off: nothing reaches a file
 * any more. */
void faulty_vfs_cut_power(int after);
/* Nonzero: it is off. */
int faulty_vfs_is_off(void);

/* Call it when all databases are closed: loses what was not synced, as `with`
 * decides, and turns the machine on again. */
void faulty_vfs_lose(unsigned with);

/* Bytes handed to writes. */
int64_t faulty_vfs_written(void);

#endif
