#ifndef TRIMARAN_ENGINE_WT_CONNECTION_H_
#define TRIMARAN_ENGINE_WT_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/logging.h"
#include "engine/wt/checkpoint_lane.h"
#include "engine/wt/poison.h"
#include "engine/wt/statistics.h"
#include "engine/wt/wiredtiger_types.h"
#include "engine/wt/wt_status.h"

namespace trimaran::wt {

class EventHandler;

enum class HomeMode : uint8_t {
  // Refuses a home that has lost the file on which it hangs (kTurtleFile):
  // WiredTiger would make an empty one of it.
  kMustExist,
  // Makes a home of an existing directory unless it is one. Only where it is
  // known that nothing can be lost.
  kCreate,
  // Looks at a home, which must exist, and changes nothing in it: no file, no
  // length, no time of change. What was left by a crash is seen as it is, which
  // is the last checkpoint. FailedPrecondition where there is a kTurtleSetFile
  // or kBackupFile, which WiredTiger would not leave alone: look at a directory
  // of links to all the other files. No checkpoints can be taken.
  kReadOnly,
};

struct ConnectionOptions {
  // An existing directory that is WiredTiger's alone.
  std::string home;
  HomeMode mode = HomeMode::kMustExist;
  uint64_t cache_bytes = uint64_t{64} << 20;
  // How many sessions can be open at once, the checkpoint lane's included.
  uint32_t sessions_max = 256;
  // WiredTiger's "extensions=[...]", for a file system of the caller's:
  // "local={entry=make_file_system,early_load=true}". Empty: none.
  std::string extensions;
  // How to see whether a file exists, where `extensions` bring a file system.
  // Null: by asking the operating system.
  std::function<absl::StatusOr<bool>(const std::string& path)> file_exists;
  Logger log;
};

// A WiredTiger home, without a journal: after a crash it is what its last
// checkpoint was. One process can have it open, once.
//
// Invariants:
//  1. The first error that leaves in doubt what is stored, whoever meets it,
//     a background thread included, poisons the connection for good. From then
//     on every call returns that error, and WiredTiger is not called any more
//     but to give back what it holds in memory, and to close.
//  2. Checkpoints are of the whole connection, and made by one lane.
//
// Thread: any, Close excepted.
class Connection {
 public:
  // NotFound: no home there, or it has lost kTurtleFile. Unavailable (IsBusy):
  // open elsewhere. Corruption: damaged. Others as in ToStatus.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const ConnectionOptions& options);

  // Closes without telling what came of it, if Close was not called.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Takes a last checkpoint and closes the home, which can be opened again
  // afterwards. Returns the poison of a poisoned connection, which may leak
  // memory, and whose home is then as the last checkpoint left it, or as it was
  // in memory: WiredTiger by itself tries another one unless it has given up.
  // Where WiredTiger came to an end by itself while a transaction was under way
  // or a cursor on a row, it cannot be closed, and the home can be opened again
  // only by another process. All sessions must be gone (checked). Nothing may
  // be called afterwards.
  //
  // Thread: one, after all others are done.
  absl::Status Close();

  // OK, or the poison.
  absl::Status Health() const { return poison_.status(); }
  bool poisoned() const { return poison_.poisoned(); }
  // Poisons the connection, for whoever has found out by reading that what is
  // stored is wrong. Returns the error that counts.
  absl::Status Poison(const absl::Status& error);

  // Not in a home that is only read (checked).
  CheckpointLane& checkpoints();
  absl::StatusOr<Statistics> ReadStatistics();

  const std::string& home() const { return home_; }
  const Logger& log() const { return log_; }

  // ---- For Session ----

  // The status of a code, after poisoning the connection if the code does.
  absl::Status Fail(int code, Operation operation, std::string_view subject);
  const PoisonLatch& latch() const { return poison_; }
  // ResourceExhausted, which names the limit, if as many are open.
  absl::Status ReserveSession();
  void ReleaseSession();
  // A transaction could not be ended, or a cursor not be taken off its row,
  // which keeps WiredTiger from closing.
  void Abandon() { abandoned_ = true; }
  RawConnection* raw() { return connection_; }

 private:
  explicit Connection(const ConnectionOptions& options);

  absl::Status OpenRaw(const ConnectionOptions& options);

  const std::string home_;
  const Logger log_;
  const uint32_t sessions_max_;
  PoisonLatch poison_;
  std::unique_ptr<EventHandler> events_;
  RawConnection* connection_ = nullptr;
  std::atomic<uint32_t> sessions_ = 0;
  std::atomic<bool> abandoned_ = false;
  // Null in a home that is only read.
  std::unique_ptr<CheckpointLane> checkpoints_;
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_CONNECTION_H_
