#ifndef TRIMARAN_REPLICATION_WIRE_HANDSHAKE_H_
#define TRIMARAN_REPLICATION_WIRE_HANDSHAKE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "replication/transport/transport.h"

// What two processes say before the first message: who they are, and whether
// they may talk at all. Whoever dials says Hello; the other side answers with
// Welcome or with a Refusal that says why.
//
// Thread: values and pure functions; any.

namespace trimaran::wire {

// The versions of the protocol that this code speaks.
inline constexpr uint32_t kProtocolMin = 1;
inline constexpr uint32_t kProtocolMax = 1;

// Why one replica does not talk to another. On the wire: never change a value.
enum class RefusalReason : uint8_t {
  // One that this version does not know.
  kUnknown = 0,
  // No version of the protocol is spoken by both.
  kVersion = 1,
  kWrongCluster = 2,
  // Another replica answers at this address, or another group.
  kWrongReplica = 3,
  // The dialler is no member any more.
  kRemoved = 4,
  // The dialler's id belongs to another store: its disk was lost, or is a copy.
  kWrongStore = 5,
  // The one that was dialled is not the store that its id belongs to.
  kStoreReplaced = 6,
  // Another process has opened a copy of the dialler's directory.
  kTwoProcesses = 7,
  // Its certificate is not that of this replica.
  kCertificate = 8,
  // Too many connections.
  kBusy = 9,
};

// "wrong cluster" and so on.
std::string_view RefusalReasonName(RefusalReason reason);

// What a connection is for. On the wire: never change a value.
enum class Channel : uint8_t {
  // Everything but bulk.
  kMessages = 0,
  // Chunks of snapshots, so that they never stand before a heartbeat.
  kBulk = 1,
};

// One replica, as it names itself to others.
struct Identity {
  ClusterId cluster;
  GroupId group;
  ReplicaId replica;
  StoreId store;
  // Drawn at each start of a process, so that two that have opened copies of
  // one directory are told from one that has started again.
  uint64_t nonce = 0;

  friend bool operator==(const Identity&, const Identity&) = default;
};

struct Hello {
  uint32_t version_min = kProtocolMin;
  uint32_t version_max = kProtocolMax;
  Identity from;
  Channel channel = Channel::kMessages;
  // Whom the dialler wants. The store is 0 where it does not know it.
  ReplicaId to;
  StoreId to_store;
  // Where the dialler can be reached in its turn; empty: nowhere.
  std::string address;
  PeerPosition position;
  // What it can do beyond its version; unknown bits are ignored.
  uint64_t features = 0;

  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
  // The one that both sides speak from here on.
  uint32_t version = kProtocolMax;
  StoreId store;
  uint64_t nonce = 0;
  uint64_t features = 0;

  friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct Refusal {
  RefusalReason reason = RefusalReason::kUnknown;
  // For people; not trusted, escaped where it is shown.
  std::string text;
  // kWrongStore: the store that the dialler's id belongs to.
  StoreId bound;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

inline constexpr size_t kAddressBytesMax = 512;
inline constexpr size_t kRefusalTextBytesMax = 1024;

// The meta of the frames kHello, kWelcome and kRefusal. The address of a Hello
// is within its limit; the text of a Refusal is cut to it.
std::string Encode(const Hello& hello);
std::string Encode(const Welcome& welcome);
std::string Encode(const Refusal& refusal);
// InvalidArgument: not what Encode makes, a field beyond its limit, an unknown
// channel, a replica without a name, versions in the wrong order. An unknown
// reason becomes kUnknown. Unknown fields are ignored, for a later version may
// have more.
absl::StatusOr<Hello> DecodeHello(std::string_view meta);
absl::StatusOr<Welcome> DecodeWelcome(std::string_view meta);
absl::StatusOr<Refusal> DecodeRefusal(std::string_view meta);

// What `self`, which knows `directory`, has against `hello`: nothing if it is
// welcome. One that the directory does not have is: it may have been added by
// an entry that has not been applied here. Another process of the same replica
// is not looked for here.
std::optional<Refusal> JudgeHello(const Hello& hello, const Identity& self,
                                  const PeerDirectory& directory);
// The answer to one that is welcome: the newest version that both speak.
Welcome MakeWelcome(const Hello& hello, const Identity& self);
// What the dialler, which said `hello`, thinks of the answer: a version that
// it does not speak, or another store than the one that it asked for.
std::optional<Refusal> JudgeWelcome(const Welcome& welcome, const Hello& hello);

}  // namespace trimaran::wire

#endif  // TRIMARAN_REPLICATION_WIRE_HANDSHAKE_H_
