#ifndef TRIMARAN_REPLICATION_RAFT_SYNCHRONOUS_H_
#define TRIMARAN_REPLICATION_RAFT_SYNCHRONOUS_H_

#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "replication/raft/raft.h"

namespace trimaran::raft {

// The simple way to drive a core: one Ready at a time, each carried out in
// full (persist, send both kinds of messages, apply) before Advance says so.
// For tests, tools and hosts that do not need to overlap work.
//
// Thread: owner.
class SynchronousRaft {
 public:
  // `raft` outlives this.
  explicit SynchronousRaft(Raft& raft) : raft_(raft) {}

  // Not before the Ready taken last has been advanced.
  Ready TakeReady() {
    TRIMARAN_CHECK(!outstanding_) << "Advance was not called";
    outstanding_ = true;
    Ready ready = raft_.TakeReady();
    persisting_ = ready.persist ? ready.persist->seq : PersistSeq();
    applying_ = ready.apply.empty() ? LogIndex() : ready.apply.back().index;
    return ready;
  }

  // All that the last Ready asked for has been done.
  void Advance() {
    TRIMARAN_CHECK(outstanding_) << "no Ready was taken";
    outstanding_ = false;
    if (persisting_ != PersistSeq()) raft_.Persisted(persisting_);
    if (applying_ != LogIndex()) raft_.Applied(applying_);
  }

 private:
  Raft& raft_;
  bool outstanding_ = false;
  PersistSeq persisting_;
  LogIndex applying_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_SYNCHRONOUS_H_
