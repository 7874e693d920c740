#ifndef TRIMARAN_OPTIONS_H_
#define TRIMARAN_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "trimaran/export.h"
#include "trimaran/network.h"

namespace trimaran {

// ---- What the library has to tell ----

enum class LogSeverity : uint8_t { kDebug, kInfo, kWarning, kError };

// Called from any thread, from several at once. Must not call the library, and
// must not throw.
// The views are valid during the call only. `message` may hold any bytes.
using LogFunction =
    std::function<void(LogSeverity severity, std::string_view component,
                       std::string_view message)>;

// ---- Options of a database ----

// What is known of a member of the group, besides its id.
struct MemberInfo {
  // For people: up to 256 bytes.
  std::string name = {};
  // Where it can be reached, "host:port": up to 512 bytes. Not used by
  // InProcessNetwork.
  std::string address = {};

  friend bool operator==(const MemberInfo&, const MemberInfo&) = default;
};

// Files in PEM format, by which a replica proves who it is, and recognises the
// others. They are read again when they change, so that a certificate is
// renewed by replacing its files.
struct TlsFiles {
  // The certificates of the authority that vouches for the members of this
  // cluster, and for nobody else.
  std::string authority;
  // That of this replica, and its key.
  std::string certificate;
  std::string key;

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// As they are, these are the options of a complete store of one replica, which
// opens no port and syncs every write.
struct Options {
  // ---- The directory ----

  // Make a new database where there is none. The directory itself is made, its
  // parent is not.
  bool create_if_missing = true;
  // A new directory is that of a replica which joins a group that exists: it
  // knows nothing until a member has added it (Admin::AddLearner) and sent it
  // the data. Needs `cluster`, `replica_id`, and `network` or `listen`.
  bool join = false;

  // ---- The group ----

  // Names the cluster, so that two of them never mix: 32 hexadecimal digits are
  // the 128-bit id itself, any other text is turned into one. Up to 1024 bytes;
  // needed where there are founders besides this one, and with `join`. All
  // founders and joiners of a group give the same one. Left out, a single
  // replica draws its own, and an existing directory may be of any cluster.
  std::string cluster;
  // Which member this replica is, from 1. An id is never used again after its
  // member has been removed.
  uint64_t replica_id = 1;
  // The members of a new group, the same on all of them; empty for this one
  // alone, and with `join`. At most 9, of which this replica is one. They
  // become members when the directory is made: from then on the group itself
  // knows its members, and only the address of this one is looked at (see
  // `advertise`). They have to be valid all the same, or left out.
  std::map<uint64_t, MemberInfo> founders;

  // ---- How replicas reach each other; needed where there are several ----

  // In other processes: where this one listens for them, "host:port", a literal
  // IPv6 address in brackets. Port 0 takes a free one (NetworkStatus::address).
  // Empty: no port is opened.
  std::string listen;
  // Where the others reach it, if that is not what `founders` or else `listen`
  // say, as behind a translation of addresses. A host has up to 253 bytes.
  // Needed where `listen` is every address of the machine ("0.0.0.0:7000") and
  // `founders` do not name this one, as on a replica that joins. Not without
  // `listen`.
  std::string advertise;
  // Encrypts, and proves on both sides who is there. The certificates carry the
  // name trimaran://CLUSTER/REPLICA (SECURITY.md; `trimaran certs` makes them).
  // Neither with `insecure` nor without `listen`.
  std::optional<TlsFiles> tls;
  // Without `tls`, replicas are spoken to on the loopback interface only, for
  // anybody who reaches the port could pose as one. This lifts the limit, for
  // networks that nobody else is on. Not without `listen`.
  bool insecure = false;
  // In this process. Instead of `listen`.
  std::shared_ptr<InProcessNetwork> network;

  // ---- Time ----

  // For calls that name no time-out of their own. More than 0; may be infinite.
  absl::Duration default_timeout = absl::Seconds(10);
  // How often a leader says that it is there. 1 ms to 10 s.
  absl::Duration heartbeat_interval = absl::Milliseconds(50);
  // How long the others wait for that before they elect another one, at least;
  // at most twice as long. 3 to 1000 heartbeats.
  absl::Duration election_timeout = absl::Milliseconds(500);

  // ---- Reads and writes ----

  // A write that reaches a replica which does not lead is passed on to the one
  // that does. If not, it is refused (IsNotLeader).
  bool forward_writes = true;
  // Serve ReadLevel::kLease by the leader's lease. Sound only if it is set on
  // all replicas and no clock runs twice as fast as another; else such reads
  // are linearizable ones. Needs an election_timeout of at least 4 heartbeats.
  bool lease_reads = false;

  // ---- Resources ----

  // Memory for data that is read again and again. A batch that needs more has
  // it for as long as it is being applied. 1 MiB to 16 TiB.
  uint64_t cache_bytes = uint64_t{256} << 20;
  // One file of the log. Space is given back in pieces of this size. 64 KiB to
  // 1 GiB.
  uint64_t log_segment_bytes = uint64_t{16} << 20;
  // The log is compacted when it reaches back so many bytes, or so many writes,
  // whichever comes first: what it takes of the disk, and how far a replica may
  // be behind before it has to be sent the data as a whole. 1 MiB to 1 TiB; 100
  // to a billion.
  uint64_t log_bytes_max = uint64_t{64} << 20;
  uint64_t log_writes_max = 100'000;
  // What is applied between two checkpoints: what a crash makes the replica do
  // again when it is opened, and what the log has to keep for it. 1 MiB to 1
  // TiB.
  uint64_t checkpoint_bytes = uint64_t{64} << 20;
  // Writes are refused (kResourceExhausted) when the disk has less room, and
  // taken again when it has one and a half times as much. Enough for a
  // checkpoint, which needs room before it frees any: as much as has changed in
  // the cache, up to a fifth of it and more. With a cache_bytes beyond 1 GiB,
  // as much as that is safe. At most 1 EiB.
  uint64_t free_bytes_min = uint64_t{256} << 20;
  // How quickly the data is written for a replica that needs it as a whole, and
  // how quickly it is sent, in bytes per second; less harms those who write
  // meanwhile less. 0: no limit.
  uint64_t snapshot_rate = 0;
  // Writes that wait to be taken up; more have to wait outside. 1 KiB to 4 GiB.
  uint64_t write_queue_bytes_max = uint64_t{64} << 20;
  // Writes of late that are kept in memory for watchers, who can go back as far
  // as this at least (watch.h). 1 KiB to 4 GiB.
  uint64_t watch_bytes_max = uint64_t{16} << 20;
  // Iterators and MultiGets under way at a time. 1 to 10000.
  size_t views_max = 64;
  // An iterator older than this fails with kAborted, for it pins memory. More
  // than 0.
  absl::Duration view_age_max = absl::Seconds(10);

  // ---- Messages ----

  // Empty: to stderr, if the environment variable LOG_LEVEL asks for it: debug,
  // info, warning or error. Where it is not set, or off, nothing is said, also
  // not why the replica has failed.
  LogFunction log;
  // Messages below this are not made. For `log` only.
  LogSeverity log_severity_min = LogSeverity::kWarning;
};

// InvalidArgument, naming the field, its value and the limit.
//
// Thread: any.
TRIMARAN_EXPORT absl::Status ValidateOptions(const Options& options);

// ---- Options of a call ----

// How fresh the data has to be that a read sees.
enum class ReadLevel : uint8_t {
  // Everything that was acknowledged, to anybody, before the call. Asks a
  // majority, unless this replica is alone.
  kLinearizable,
  // The same by the leader's lease, without asking (Options::lease_reads).
  kLease,
  // The write of a given index, and all before it: what you have written
  // yourself, on whichever replica.
  kAtLeast,
  // Everything that was acknowledged longer than a given time ago.
  kBounded,
  // What this replica has, however old.
  kLocal,
};

struct ReadOptions {
  ReadLevel level = ReadLevel::kLinearizable;
  // For kAtLeast: CommitInfo::index.
  uint64_t index = 0;
  // For kBounded.
  absl::Duration staleness_max = absl::ZeroDuration();
  // Options::default_timeout if empty. A read without any time, 0 or less, is
  // refused if it would have to wait.
  std::optional<absl::Duration> timeout = std::nullopt;

  static ReadOptions Lease() { return {.level = ReadLevel::kLease}; }
  static ReadOptions Local() { return {.level = ReadLevel::kLocal}; }
  static ReadOptions AtLeast(uint64_t index) {
    return {.level = ReadLevel::kAtLeast, .index = index};
  }
  static ReadOptions Bounded(absl::Duration staleness_max) {
    return {.level = ReadLevel::kBounded, .staleness_max = staleness_max};
  }
};

struct WriteOptions {
  // Options::default_timeout if empty. A write without any time, 0 or less, is
  // refused as not applied.
  std::optional<absl::Duration> timeout = std::nullopt;
};

}  // namespace trimaran

#endif  // TRIMARAN_OPTIONS_H_
