#include "tools/demo/story.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trimaran/admin.h"

namespace trimaran::demo {
namespace {

// How long somebody who has lost the others waits before he gives up.
constexpr absl::Duration kPatience = absl::Milliseconds(300);
constexpr double kLongPatience = 30;
constexpr int kProgressLines = 4;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
  int milliseconds() const { return static_cast<int>(seconds() * 1000); }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

absl::Status Broken(absl::string_view claim) {
  return absl::DataLossError(absl::StrCat("this does not hold: ", claim));
}

}  // namespace

Story::Story(StorySettings settings) : settings_(std::move(settings)) {
  options_.cluster = "demo";
  options_.network = std::make_shared<InProcessNetwork>();
  options_.cache_bytes = uint64_t{32} << 20;
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    options_.founders[id] = {.name = absl::StrCat("replica", id),
                             .address = ""};
  }
}

absl::Status Story::Tell() {
  using Part = absl::Status (Story::*)();
  for (const Part part :
       {&Story::OpenAll, &Story::Write, &Story::LoseLeader,
        &Story::WriteWithoutIt, &Story::BringItBack, &Story::Compare}) {
    if (absl::Status status = Continue(); !status.ok()) return status;
    if (absl::Status status = (this->*part)(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// ---- Chapters ----

absl::Status Story::OpenAll() {
  Chapter("1. Three replicas of one database, each in a directory of its own");
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    if (absl::Status status = Open(id); !status.ok()) return status;
    Say(absl::StrFormat("   replica %d  %s\n", id, DirectoryOf(id)));
  }
  const Stopwatch watch;
  const auto leader = FindLeader(1);
  if (!leader.ok()) return leader.status();
  Say(absl::StrFormat("   replica %d was elected leader after %d ms\n", *leader,
                      watch.milliseconds()));
  return absl::OkStatus();
}

absl::Status Story::Write() {
  Chapter(
      "2. Rows, written through each of the three in turn; a write returns\n"
      "   when it is on the disks of two replicas at least");
  return WriteRows();
}

absl::Status Story::LoseLeader() {
  const auto leader = FindLeader(1);
  if (!leader.ok()) return leader.status();
  lost_ = *leader;
  const uint64_t other = lost_ % kReplicas + 1;
  Chapter(absl::StrCat("3. The cable of the leader, replica ", lost_,
                       ", is pulled without a warning"));
  options_.network->Isolate(lost_);
  const Stopwatch watch;
  const auto put = replicas_[other]->Put("first after the loss", "v");
  if (!put.ok()) return put.status();
  acknowledged_["first after the loss"] = "v";
  last_index_ = put->index;
  Say(absl::StrFormat(
      "   the next write, through replica %d, was acknowledged after %d ms:\n"
      "   that is how long it took to notice the loss and elect another one\n",
      other, watch.milliseconds()));
  const auto successor = FindLeader(other);
  if (!successor.ok()) return successor.status();
  if (*successor == lost_) return Broken("somebody else leads");
  Say(absl::StrFormat("   replica %d leads now\n", *successor));

  const auto alone =
      replicas_[lost_]->Put("written alone", "v", {.timeout = kPatience});
  if (alone.ok()) return Broken("one of three acknowledges nothing alone");
  Say(absl::StrFormat(
      "   replica %d, alone, refuses to acknowledge a write:\n   \"%s\"\n",
      lost_, alone.status().message()));
  const auto read = replicas_[lost_]->Get(
      "first after the loss",
      {.level = ReadLevel::kLinearizable, .timeout = kPatience});
  if (read.ok()) return Broken("one of three does not answer with old rows");
  Say(absl::StrFormat(
      "   and to answer a read with what may be old:\n   \"%s\"\n",
      read.status().message()));
  if (absl::Status status = replicas_[lost_]->Close(); !status.ok()) {
    return status;
  }
  replicas_.erase(lost_);
  Say("   it is stopped\n");
  return absl::OkStatus();
}

absl::Status Story::WriteWithoutIt() {
  Chapter("4. The other two go on, and forget how they got where they are");
  if (absl::Status status = WriteRows(); !status.ok()) return status;
  DB& db = *replicas_.begin()->second;
  const auto seen = db.Get("compacted?", ReadOptions::AtLeast(last_index_));
  if (!seen.ok()) return seen.status();
  const auto compacted = db.admin().CompactLog(last_index_);
  if (!compacted.ok()) return compacted.status();
  const uint64_t forgotten = last_index_;
  last_index_ = compacted->index;
  for (const auto& [id, replica] : replicas_) {
    if (absl::Status status = AwaitCompaction(*replica, forgotten);
        !status.ok()) {
      return status;
    }
  }
  Say(absl::StrFormat(
      "   the log is compacted up to write %d: whoever has missed some of it\n"
      "   has to be sent the data as a whole\n",
      forgotten));
  return absl::OkStatus();
}

absl::Status Story::BringItBack() {
  Chapter(absl::StrCat("5. Replica ", lost_, " comes back"));
  options_.network->Rejoin(lost_);
  const Stopwatch watch;
  if (absl::Status status = Open(lost_); !status.ok()) return status;
  const auto caught_up = replicas_[lost_]->Get(
      "first after the loss", ReadOptions::AtLeast(last_index_));
  if (!caught_up.ok()) return caught_up.status();
  const auto status = replicas_[lost_]->admin().GetStatus();
  if (!status.ok()) return status.status();
  if (status->counters.snapshots_installed == 0) {
    return Broken("it was sent a snapshot");
  }
  Say(absl::StrFormat(
      "   after %d ms it has got everything that it had missed, as a "
      "snapshot\n",
      watch.milliseconds()));
  return absl::OkStatus();
}

absl::Status Story::Compare() {
  Chapter("6. Is anything missing, and are the three equal?");
  std::map<std::string, std::string> first;
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    auto rows = RowsOf(id);
    if (!rows.ok()) return rows.status();
    for (const auto& [key, value] : acknowledged_) {
      const auto found = rows->find(key);
      if (found == rows->end() || found->second != value) {
        return Broken(absl::StrCat("replica ", id, " holds \"", key,
                                   "\", which was acknowledged"));
      }
    }
    if (id == 1) first = *rows;
    if (*rows != first) {
      return Broken(absl::StrCat("replica ", id, " holds what replica 1 does"));
    }
    Say(absl::StrFormat(
        "   replica %d: %d rows, and all %d that were acknowledged\n", id,
        rows->size(), acknowledged_.size()));
  }
  const auto compared = replicas_[1]->admin().CheckConsistency();
  if (!compared.ok()) return compared.status();
  for (const ReplicaDigest& replica : compared->replicas) {
    Say(absl::StrFormat("   replica %d: state %s %s\n", replica.replica,
                        replica.hash, replica.error));
  }
  if (!compared->consistent) return Broken("all three have the same state");
  Say("   all three hold the same, and nothing is missing\n");
  return absl::OkStatus();
}

// ---- What chapters are made of ----

void Story::Chapter(absl::string_view title) const {
  Say(absl::StrCat("\n", title, "\n"));
}

absl::Status Story::Continue() const {
  return settings_.interrupted() ? absl::CancelledError("interrupted")
                                 : absl::OkStatus();
}

std::string Story::DirectoryOf(uint64_t id) const {
  return absl::StrCat(settings_.directory, "/", id);
}

absl::Status Story::Open(uint64_t id) {
  options_.replica_id = id;
  auto db = DB::Open(options_, DirectoryOf(id));
  if (!db.ok()) return db.status();
  replicas_[id] = *std::move(db);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Story::FindLeader(uint64_t asked) {
  // A read needs a leader, and so waits for one.
  const auto read = replicas_[asked]->Get("who leads?");
  if (!read.ok()) return read.status();
  const auto status = replicas_[asked]->admin().GetStatus();
  if (!status.ok()) return status.status();
  return status->leader;
}

absl::Status Story::AwaitCompaction(DB& db, uint64_t index) {
  const auto seen = db.Get("compacted?", ReadOptions::AtLeast(last_index_));
  if (!seen.ok()) return seen.status();
  // The log goes when the rows that it led to are durable.
  const auto durable = db.admin().Checkpoint();
  if (!durable.ok()) return durable.status();
  for (const Stopwatch watch; watch.seconds() < kLongPatience;) {
    if (absl::Status stop = Continue(); !stop.ok()) return stop;
    const auto status = db.admin().GetStatus();
    if (!status.ok()) return status.status();
    if (status->truncated.index >= index) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Broken("the log is compacted");
}

absl::Status Story::WriteRows() {
  const Stopwatch watch;
  std::vector<DB*> writers;
  for (const auto& [id, db] : replicas_) writers.push_back(db.get());
  for (int i = 1; i <= settings_.writes; ++i) {
    if (absl::Status status = Continue(); !status.ok()) return status;
    const int row = ++next_row_;
    const std::string key = absl::StrFormat("row %06d", row);
    const std::string value = absl::StrCat("value ", row * 7919);
    DB& db = *writers[static_cast<size_t>(row) % writers.size()];
    const auto put = db.Put(key, value);
    if (!put.ok()) return put.status();
    acknowledged_[key] = value;
    last_index_ = put->index;
    if (i % (settings_.writes / kProgressLines) == 0) {
      Say(absl::StrFormat("   %6d acknowledged, %6.0f each second\n", i,
                          i / watch.seconds()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> Story::RowsOf(uint64_t id) {
  ScanOptions scan;
  scan.read = ReadOptions::AtLeast(last_index_);
  auto rows = replicas_[id]->Scan(KeyRange::All(), scan);
  if (!rows.ok()) return rows.status();
  std::map<std::string, std::string> all;
  for (; (*rows)->Valid(); (*rows)->Next()) {
    all.emplace((*rows)->key(), (*rows)->value());
  }
  if (!(*rows)->status().ok()) return (*rows)->status();
  return all;
}

}  // namespace trimaran::demo
