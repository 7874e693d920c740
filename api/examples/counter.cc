// A counter that three threads raise through three replicas. Nobody locks
// anything: each reads the value, and writes the next one only if nobody else
// was quicker. In the end no step is missing, and none was made twice.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "trimaran/db.h"

namespace {

constexpr int kSteps = 100;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::puts(status.ToString().c_str());
  std::abort();
}

void Raise(trimaran::DB& db) {
  while (true) {
    auto value = db.Get("counter");
    Check(value.status());
    trimaran::Transaction step;
    if (value->has_value()) {
      step.IfValueIs("counter", **value);
    } else {
      step.IfAbsent("counter");
    }
    const int next = std::stoi(value->value_or("0")) + 1;
    step.then.Put("counter", std::to_string(next));
    auto result = db.Commit(step);
    Check(result.status());
    if (result->succeeded) return;
  }
}

}  // namespace

int main() {
  trimaran::Options options;
  options.cluster = "counter";
  options.founders = {{1, {}}, {2, {}}, {3, {}}};
  options.network = std::make_shared<trimaran::InProcessNetwork>();
  std::vector<std::unique_ptr<trimaran::DB>> replicas;
  for (options.replica_id = 1; options.replica_id <= 3; ++options.replica_id) {
    auto db = trimaran::DB::Open(
        options, "counter" + std::to_string(options.replica_id));
    Check(db.status());
    replicas.push_back(*std::move(db));
  }

  std::vector<std::thread> threads;
  threads.reserve(replicas.size());
  for (auto& db : replicas) {
    threads.emplace_back([&db] {
      for (int i = 0; i < kSteps; ++i) Raise(*db);
    });
  }
  for (std::thread& thread : threads) thread.join();

  auto value = replicas[0]->Get("counter");
  Check(value.status());
  std::printf("three times %d steps make %s\n", kSteps,
              value->value_or("nothing").c_str());
  return *value == std::to_string(3 * kSteps) ? 0 : 1;
}
