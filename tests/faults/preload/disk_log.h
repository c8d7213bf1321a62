// What a process gave to the disk, in order, for a tool that rebuilds the files as a power cut would
// leave them (tests/faults/prove/power_cut.py). Each process appends to LATCHKEY_DISK_LOG.PID, a file
// of its own, because SIGKILL may end a write(2) between two pages: an event that is cut off is the
// last of its file. Without that variable nothing is noted. Of the files latchkey.db,
// latchkey.db-wal, latchkey.db-journal and their folder alone. For the one thread of a writer.
//
//   log   := event*                                                         little-endian
//   event := kind:u8 file:u8 zero:u16 size:u32 offset:i64 micros:i64 byte{size or 0}
//
// What changes a file is noted before the call and kSync after it: of a process killed in between,
// the WAL claims a change that nobody made durable, never a durable byte too many, nor a byte less
// than the next process finds. `micros` is CLOCK_MONOTONIC at the note.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace disk_log {

enum class Event : std::uint8_t {
  kWrite = 1,     // `size` bytes at `offset` follow
  kTruncate = 2,  // to `offset` bytes
  kSync = 3,      // the file is durable; of the folder: its names are
  kLie = 4,       // the process was told so, and it is not true
  kUnlink = 5,
  kAnswers = 6,  // a frame of results leaves: `offset` of them say ok
};

enum class File : std::uint8_t { kDatabase = 0, kLog = 1, kJournal = 2, kFolder = 3 };

// nullopt: a file that nobody asks about.
std::optional<File> FileOf(int fd);

// All leave errno as it was.
void NoteWrite(int fd, const void* bytes, std::size_t size, off64_t offset);
void NoteTruncate(int fd, off64_t size);
void NoteSync(Event kind, int fd);
void NoteUnlink(const char* path);
void NoteFrame(const void* bytes, std::size_t size);

}  // namespace disk_log
