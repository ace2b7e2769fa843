/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/scsi-disk.h - a SCSI disk's commands, for whatever carries them.
 * A command is started and says what is to be moved; the carrier moves it.
 * Threads: under the lock of the device that embeds it.
 * Lifetime: part of that device; borrows the back end. */
#ifndef CUTTLE_HW_BLOCK_SCSI_DISK_H
#define CUTTLE_HW_BLOCK_SCSI_DISK_H

#include "core/block.h"
#include "core/state.h"

enum { SCSI_CDB_BYTES = 16, SCSI_REPLY_BYTES = 256 };
enum { SCSI_GOOD = 0, SCSI_CHECK_CONDITION = 2 };

typedef struct {
    /* As the guest sees it: why the last command failed; a medium. */
    uint8_t sense_key, sense_code, sense_qualifier;
    uint8_t ejected;

    /* Set by the carrier before anything else. */
    BlockDev *drive;
    uint32_t block_size;
    bool removable;
    const char *serial; /* or NULL */
} ScsiDisk;

extern const StateField scsi_disk_state[];

typedef enum {
    SCSI_REPLY, /* bytes for the host in reply, none if it failed */
    SCSI_READ,
    SCSI_WRITE,
    SCSI_FLUSH,
} ScsiAction;

typedef struct {
    ScsiAction action;
    uint8_t status;
    bool durable;           /* a write that is to be flushed */
    uint64_t offset, bytes; /* of the disk */
    uint32_t n_reply;
    uint8_t reply[SCSI_REPLY_BYTES];
} ScsiCommand;

void scsi_disk_reset(ScsiDisk *d);
void scsi_disk_start(ScsiDisk *d, const uint8_t cdb[SCSI_CDB_BYTES],
                     ScsiCommand *out);
/* What it had to move failed: the next REQUEST SENSE says so. */
void scsi_disk_failed(ScsiDisk *d, ScsiAction action);

#endif
