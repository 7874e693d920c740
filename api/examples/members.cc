// A database of one replica grows to three, loses one of them with its disk,
// and gets another one in its place.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
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
  options.cluster = "growing";
  options.network = std::make_shared<trimaran::InProcessNetwork>();
  auto first = Open(options, 1);
  Check(first->Put("stock", "7").status());

  // Newcomers know nothing: the group sends them the data, and then they vote.
  options.join = true;
  auto second = Open(options, 2);
  Check(first->admin().AddVoter(2, {.name = "two"}));
  auto third = Open(options, 3);
  Check(first->admin().AddVoter(3, {.name = "three"}));

  // The machine of replica 2 is lost, and its disk with it. Whoever takes its
  // place gets an id that was never used before.
  Check(second->Close());
  auto fourth = Open(options, 4);
  Check(first->admin().Replace(2, 4, {.name = "four"}));

  // Again one of three can be away.
  Check(third->Close());
  Check(first->Put("stock", "6").status());
  const auto stock = fourth->Get("stock");
  Check(stock.status());
  std::printf("in stock: %s\n", stock->value_or("nothing").c_str());
  return *stock == "6" ? 0 : 1;
}
