#include "bench/local_group.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "trimaran/admin.h"

namespace trimaran::bench {

LocalGroup::LocalGroup(const std::string& root, uint64_t size, Options options,
                       Others others)
    : options_(std::move(options)) {
  const bool apart = size > 1 && others == Others::kProcesses;
  if (size > 1) options_.cluster = "bench";
  if (apart) {
    const std::vector<std::string> addresses = FreeAddresses(size);
    for (uint64_t id = 1; id <= size; ++id) {
      options_.founders[id] = {.name = "", .address = addresses[id - 1]};
      if (id > 1) processes_.Start(id, root, addresses);
    }
    options_.listen = addresses[0];
  } else if (size > 1) {
    options_.network = std::make_shared<InProcessNetwork>();
    for (uint64_t id = 1; id <= size; ++id) options_.founders[id] = {};
  }
  for (uint64_t id = 1; id <= (apart ? 1 : size); ++id) {
    options_.replica_id = id;
    auto opened = DB::Open(options_, absl::StrCat(root, "/", id));
    TRIMARAN_CHECK(opened.ok()) << opened.status().ToString();
    replicas_[id] = *std::move(opened);
  }
  last_id_ = size;
  const auto warm = replicas_[1]->Put("warm", "up");
  TRIMARAN_CHECK(warm.ok()) << warm.status().ToString();
  FindLeader();
}

uint64_t LocalGroup::FindLeader() {
  for (;;) {
    const auto status = replicas_[1]->admin().GetStatus();
    TRIMARAN_CHECK(status.ok()) << status.status().ToString();
    if (replicas_.contains(status->leader)) return leader_ = status->leader;
    if (status->leader != 0) processes_.HandOver(status->leader, 1);
    // A read has to wait for a leader.
    TRIMARAN_CHECK(replicas_[1]->Get("warm").ok());
  }
}

uint64_t LocalGroup::Syncs() {
  return leader().admin().GetStatus()->counters.log_writes;
}

void LocalGroup::CopyTo(const std::string& directory) {
  Admin& admin = leader().admin();
  const auto checkpoint = admin.Checkpoint();
  TRIMARAN_CHECK(checkpoint.ok()) << checkpoint.status().ToString();
  // OutOfRange where that is forgotten already.
  const auto compacted = admin.CompactLog(checkpoint->index);
  TRIMARAN_CHECK(compacted.ok() || absl::IsOutOfRange(compacted.status()))
      << compacted.status().ToString();
  const auto last = leader().Put("warm", "up");
  TRIMARAN_CHECK(last.ok()) << last.status().ToString();

  Options options = options_;
  options.replica_id = ++last_id_;
  options.founders.clear();
  options.join = true;
  const absl::Status added = admin.AddLearner(options.replica_id, {});
  TRIMARAN_CHECK(added.ok()) << added.ToString();
  auto joined = DB::Open(options, directory);
  TRIMARAN_CHECK(joined.ok()) << joined.status().ToString();
  ReadOptions read = ReadOptions::AtLeast(last->index);
  read.timeout = absl::Minutes(10);
  const auto seen = (*joined)->Get("warm", read);
  TRIMARAN_CHECK(seen.ok()) << seen.status().ToString();
  const auto status = (*joined)->admin().GetStatus();
  TRIMARAN_CHECK(status.ok() && status->counters.snapshots_installed == 1);
  const absl::Status removed = admin.Remove(options.replica_id);
  TRIMARAN_CHECK(removed.ok()) << removed.ToString();
}

}  // namespace trimaran::bench
