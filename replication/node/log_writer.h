#ifndef TRIMARAN_REPLICATION_NODE_LOG_WRITER_H_
#define TRIMARAN_REPLICATION_NODE_LOG_WRITER_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "engine/base/clock.h"
#include "engine/base/histogram.h"
#include "engine/base/logging.h"
#include "engine/log/log_store.h"
#include "replication/node/lane.h"
#include "replication/node/ready_plan.h"
#include "replication/raft/ready.h"

namespace trimaran {

// Makes batches durable in their order: one write and one sync for all that
// came while the write before was under way.
//
// Invariants:
//  1. At most one write is under way; what comes meanwhile waits.
//  2. A write is reported when it is durable, and never after one has failed.
//  3. What has done nothing to the log, for want of a file or of room for one,
//     is tried again; what comes meanwhile waits.
//
// Thread: the raft lane, on which the reports come as well.
class LogWriter {
 public:
  struct Host {
    // The write is durable: its messages may leave.
    absl::AnyInvocable<void(raft::PersistSeq last,
                            std::vector<raft::Message> messages)>
        durable;
    // Nothing is written any more.
    absl::AnyInvocable<void(absl::Status error)> failed;
    // After Stop: what was under way has come to its end, with nothing written.
    absl::AnyInvocable<void()> given_up;
    // Replace log and state by a snapshot, with `hard_state` if there is one;
    // then call Installed.
    absl::AnyInvocable<void(const SnapshotMeta& snapshot,
                            std::optional<HardState> hard_state)>
        install;
  };

  // All outlive this.
  LogWriter(engine::LogStore& log, const Lanes& lanes, const Clock& clock,
            const Logger& logger, Host host);

  void Submit(raft::PersistBatch batch);
  // The installation that was asked for last is durable, or has failed, or was
  // given up because of Stop, after which nothing comes of it here.
  void Installed(const absl::Status& result);

  // Begins nothing any more.
  void Stop();
  // Whether something is under way that will still report.
  bool busy() const { return plan_.has_value(); }
  // Since when the present write has been under way; infinite if none is.
  MonotonicTime busy_since() const;
  // Whether the present write could not begin yet, and is tried again.
  bool held_up() const { return held_up_; }
  // Of a write and its sync. Thread: any.
  const Histogram& write_time() const { return write_time_; }
  uint64_t synced_writes() const { return synced_writes_; }

 private:
  void BeginNext();
  void BeginWrite();
  void Appended(const absl::Status& result);
  void Written(const absl::Status& result);
  void TryAgain(const absl::Status& why);

  engine::LogStore& log_;
  const Lanes lanes_;
  const Clock& clock_;
  const Logger& logger_;
  Host host_;
  std::deque<raft::PersistBatch> waiting_;
  // What is being written.
  std::optional<WritePlan> plan_;
  // Set while what is being written waits to be tried again.
  std::shared_ptr<LogWriter*> pause_;
  MonotonicTime begun_;
  Histogram write_time_;
  uint64_t synced_writes_ = 0;
  bool held_up_ = false;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_LOG_WRITER_H_
