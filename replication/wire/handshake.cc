#include "replication/wire/handshake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace trimaran::wire {
namespace {

template <typename... Parts>
Refusal Refuse(RefusalReason reason, const Parts&... parts) {
  return {reason, absl::StrCat(parts...), StoreId()};
}

std::string Hex(StoreId store) {
  return absl::StrCat(absl::Hex(store.value(), absl::kZeroPad16));
}

std::string Versions(uint32_t min, uint32_t max) {
  if (min == max) return absl::StrCat("version ", min);
  return absl::StrCat("versions ", min, " to ", max);
}

std::optional<Refusal> JudgeVersion(const Hello& hello, const Identity& self) {
  if (hello.version_min <= kProtocolMax && hello.version_max >= kProtocolMin) {
    return std::nullopt;
  }
  const bool dialler_is_older = hello.version_max < kProtocolMin;
  return Refuse(RefusalReason::kVersion, "replica ", hello.from.replica.value(),
                " speaks ", Versions(hello.version_min, hello.version_max),
                " of the peer protocol, and replica ", self.replica.value(),
                " speaks ", Versions(kProtocolMin, kProtocolMax),
                ": install a newer release on replica ",
                (dialler_is_older ? hello.from.replica : self.replica).value(),
                ", and do not skip releases when upgrading");
}

// Whether the address that was dialled is the right one.
std::optional<Refusal> JudgePlace(const Hello& hello, const Identity& self) {
  const uint64_t from = hello.from.replica.value();
  const uint64_t here = self.replica.value();
  if (hello.from.cluster != self.cluster) {
    return Refuse(RefusalReason::kWrongCluster, "replica ", from,
                  " belongs to cluster ", hello.from.cluster.ToString(),
                  ", and the replica at this address to cluster ",
                  self.cluster.ToString(),
                  ": correct the address, or the directory that was opened");
  }
  if (hello.from.group != self.group) {
    return Refuse(RefusalReason::kWrongReplica, "replica ", from,
                  " belongs to group ", hello.from.group.value(),
                  ", and the replica at this address to group ",
                  self.group.value(), ": correct the address");
  }
  if (hello.from.replica == self.replica) {
    return Refuse(RefusalReason::kWrongReplica, "the address of replica ",
                  hello.to.value(), " leads replica ", from,
                  " to itself, or to another process under its id: correct the"
                  " address");
  }
  if (hello.to != self.replica) {
    return Refuse(RefusalReason::kWrongReplica, "replica ", from,
                  " looks for replica ", hello.to.value(), ", and replica ",
                  here,
                  " answers at this address: correct the address of"
                  " replica ",
                  hello.to.value());
  }
  return std::nullopt;
}

// Whether the dialler may speak under its id.
std::optional<Refusal> JudgeDialler(const Hello& hello,
                                    const PeerDirectory& directory) {
  const auto found = directory.find(hello.from.replica);
  if (found == directory.end()) return std::nullopt;
  const PeerRecord& record = found->second;
  const uint64_t from = hello.from.replica.value();
  if (!record.member) {
    return Refuse(RefusalReason::kRemoved, "replica ", from,
                  " has been removed from the group: stop it; its machine can"
                  " join again under a new id, with an empty directory");
  }
  if (record.store == StoreId() || record.store == hello.from.store) {
    return std::nullopt;
  }
  Refusal refusal =
      Refuse(RefusalReason::kWrongStore, "replica ", from, " is store ",
             Hex(record.store), ", and store ", Hex(hello.from.store),
             " speaks under its id: its directory was emptied or is another"
             " one. Bring the right one back, or let another replica take its"
             " place: Replace(",
             from, ", ...)");
  refusal.bound = record.store;
  return refusal;
}

Refusal StoreReplaced(ReplicaId replica, StoreId wanted, StoreId actual) {
  return Refuse(RefusalReason::kStoreReplaced, "replica ", replica.value(),
                " is known as store ", Hex(wanted), ", and store ", Hex(actual),
                " answers under its id: its directory was emptied"
                " or is another one. Bring the right one back, or let another"
                " replica take its place: Replace(",
                replica.value(), ", ...)");
}

}  // namespace

std::string_view RefusalReasonName(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kUnknown:
      return "unknown reason";
    case RefusalReason::kVersion:
      return "no common version";
    case RefusalReason::kWrongCluster:
      return "wrong cluster";
    case RefusalReason::kWrongReplica:
      return "wrong replica";
    case RefusalReason::kRemoved:
      return "removed";
    case RefusalReason::kWrongStore:
      return "wrong store";
    case RefusalReason::kStoreReplaced:
      return "store replaced";
    case RefusalReason::kTwoProcesses:
      return "two processes";
    case RefusalReason::kCertificate:
      return "certificate";
    case RefusalReason::kBusy:
      return "busy";
  }
  return "unknown reason";
}

std::optional<Refusal> JudgeHello(const Hello& hello, const Identity& self,
                                  const PeerDirectory& directory) {
  if (auto refusal = JudgeVersion(hello, self)) return refusal;
  if (auto refusal = JudgePlace(hello, self)) return refusal;
  if (auto refusal = JudgeDialler(hello, directory)) return refusal;
  if (hello.to_store != StoreId() && hello.to_store != self.store) {
    return StoreReplaced(self.replica, hello.to_store, self.store);
  }
  return std::nullopt;
}

Welcome MakeWelcome(const Hello& hello, const Identity& self) {
  return {std::min(hello.version_max, kProtocolMax), self.store, self.nonce,
          /*features=*/0};
}

std::optional<Refusal> JudgeWelcome(const Welcome& welcome,
                                    const Hello& hello) {
  if (welcome.version < hello.version_min ||
      welcome.version > hello.version_max) {
    return Refuse(
        RefusalReason::kVersion, "replica ", hello.to.value(),
        " wants to speak ", Versions(welcome.version, welcome.version),
        " of the peer protocol, and replica ", hello.from.replica.value(),
        " has offered ", Versions(hello.version_min, hello.version_max));
  }
  if (hello.to_store != StoreId() && hello.to_store != welcome.store) {
    return StoreReplaced(hello.to, hello.to_store, welcome.store);
  }
  return std::nullopt;
}

}  // namespace trimaran::wire
