#ifndef TRIMARAN_ENGINE_FORMAT_LIMITS_H_
#define TRIMARAN_ENGINE_FORMAT_LIMITS_H_

#include <cstddef>
#include <cstdint>

// Limits that decide whether a command is accepted. They are part of what every
// replica must agree on: a change needs a new format version.

namespace trimaran::engine {

// 1 to so many bytes. WiredTiger 3.2.1 mishandles keys that do not fit a page
// (WT-7858), so they are kept well below.
inline constexpr size_t kKeyBytesMax = 1024;
// 0 to so many bytes.
inline constexpr size_t kValueBytesMax = size_t{16} << 20;
// Operations and compares of one command.
inline constexpr size_t kOperationsMax = 65536;
// The encoding of one command.
inline constexpr size_t kCommandBytesMax = size_t{32} << 20;
// What commands are packed into before the next entry is begun. A larger
// command has an entry of its own.
inline constexpr size_t kEntryBytesTarget = size_t{256} << 10;
inline constexpr size_t kEntryCommandsMax = 1024;
// A command whose range deletions meet more rows, added up over them all and
// counted as the rows are before the command, is refused as a whole.
inline constexpr size_t kDeleteRangeRowsMax = 1000000;
// What the commands of one entry read is handed out up to this size in all,
// counted as for kSessionReadBytesMax. Of a command that would go beyond it all
// reads are dropped, unless they are within kSessionReadBytesMax by themselves:
// a short read is not lost because of what its neighbours in the entry read.
inline constexpr size_t kReadBytesMax = size_t{32} << 20;

// The default family counts.
inline constexpr size_t kFamiliesMax = 1024;
inline constexpr size_t kFamilyNameBytesMax = 128;
// Records of members, and of those who may become one.
inline constexpr size_t kMembersMax = 256;
inline constexpr size_t kMemberNameBytesMax = 256;
inline constexpr size_t kMemberAddressBytesMax = 512;

// The least recently used session makes room for a new one.
inline constexpr size_t kSessionsMax = 8192;
// Answers that one session keeps, that is commands it can have under way.
inline constexpr size_t kSessionAnswersMax = 1024;
// What a command has read is kept with its answer only up to this size: the
// values, and kReadOverheadBytes for each read.
inline constexpr size_t kSessionReadBytesMax = 4096;
// What a record spends on the read of an empty value, so that answers that are
// short here cannot be long there.
inline constexpr size_t kReadOverheadBytes = 4;

// What the answers of all sessions take together; beyond it the least recently
// used sessions go. Each answer counts kKeptAnswerBytes, and each of its reads
// kKeptReadBytes and its value: no less than they take in memory.
inline constexpr size_t kKeptBytesMax = size_t{256} << 20;
inline constexpr size_t kKeptAnswerBytes = 128;
inline constexpr size_t kKeptReadBytes = 64;

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_LIMITS_H_
