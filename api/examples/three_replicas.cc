// Three replicas of one database in one process. The one that leads is gone
// without a word, and the other two elect another one and go on; when it comes
// back, it is told what it has missed.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace {

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::puts(status.ToString().c_str());
  std::abort();
}

std::unique_ptr<trimaran::DB> Open(trimaran::Options options, uint64_t id) {
  options.replica_id = id;
  auto db = trimaran::DB::Open(options, "replica" + std::to_string(id));
  Check(db.status());
  return *std::move(db);
}

}  // namespace

int main() {
  trimaran::Options options;
  options.cluster = "three replicas";
  options.founders = {{1, {}}, {2, {}}, {3, {}}};
  const auto network = std::make_shared<trimaran::InProcessNetwork>();
  options.network = network;
  std::map<uint64_t, std::unique_ptr<trimaran::DB>> replicas;
  for (uint64_t id = 1; id <= 3; ++id) replicas[id] = Open(options, id);

  // Any replica takes a write, which is durable on two of them at least.
  Check(replicas[1]->Put("who", "all three").status());
  const uint64_t leader = replicas[1]->admin().GetStatus()->leader;
  const uint64_t other = leader % 3 + 1;

  // Its cable is pulled first: Close would hand leadership on.
  network->Isolate(leader);
  Check(replicas[leader]->Close());
  auto put = replicas[other]->Put("who", "the other two");
  Check(put.status());

  // The index of a write is enough to read it, wherever that is.
  network->Rejoin(leader);
  replicas[leader] = Open(options, leader);
  auto who =
      replicas[leader]->Get("who", trimaran::ReadOptions::AtLeast(put->index));
  Check(who.status());
  std::printf("replica %d was away, and knows of: %s\n",
              static_cast<int>(leader), who->value_or("nothing").c_str());
  return *who == "the other two" ? 0 : 1;
}
