#ifndef TRIMARAN_REPLICATION_TCP_CONTEST_H_
#define TRIMARAN_REPLICATION_TCP_CONTEST_H_

#include <cstdint>

#include "replication/wire/handshake.h"

namespace trimaran {

// What a connection that has just said Hello is to one that has been welcomed
// before.
enum class Contest : uint8_t {
  // Of another replica, or the other channel of the same process.
  kNone,
  // The same process has dialled again: it has given the older one up.
  kReplaces,
  // Another process says that it is the same replica. Either the older one has
  // died, and nobody has noticed yet, or somebody has opened a copy of a
  // directory.
  kContests,
};

inline Contest Compare(const wire::Hello& older, const wire::Hello& newer) {
  if (older.from.replica != newer.from.replica) return Contest::kNone;
  if (older.from != newer.from) return Contest::kContests;
  return older.channel == newer.channel ? Contest::kReplaces : Contest::kNone;
}

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_CONTEST_H_
