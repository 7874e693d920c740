// The calls of every day: single rows, several at once, ranges, families of
// rows, and what an error says.

#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>

#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace {

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::puts(status.ToString().c_str());
  std::abort();
}

void Rows(trimaran::DB& db) {
  Check(db.Put("fruit/apple", "7").status());
  Check(db.Put("fruit/pear", "3").status());
  Check(db.Delete("fruit/pear").status());

  // Several changes, all or none.
  trimaran::WriteBatch batch;
  batch.Put("fruit/plum", "20");
  batch.Put("fruit/quince", "1");
  batch.DeleteRange("vegetable/", "vegetable0");
  Check(db.Write(batch).status());

  // Rows in the order of their keys, as of one moment.
  auto rows = db.Scan(trimaran::KeyRange::Prefix("fruit/"));
  Check(rows.status());
  for (; (*rows)->Valid(); (*rows)->Next()) {
    std::printf("%s: %s\n", std::string((*rows)->key()).c_str(),
                std::string((*rows)->value()).c_str());
  }
  Check((*rows)->status());
}

void Families(trimaran::DB& db) {
  // A family has keys of its own, and can be dropped as a whole.
  auto prices = db.CreateColumnFamily("prices");
  if (absl::IsAlreadyExists(prices.status())) {
    prices = db.FindColumnFamily("prices");
  }
  Check(prices.status());
  Check(db.Put(*prices, "apple", "0.20").status());

  // A batch may change several families at once.
  trimaran::WriteBatch batch;
  batch.Put(*prices, "plum", "0.05");
  batch.Put("fruit/plum", "21");
  Check(db.Write(batch).status());

  // A scan names its family in its options, and so does a watcher.
  auto rows = db.Scan({}, {.family = *prices});
  Check(rows.status());
  for (; (*rows)->Valid(); (*rows)->Next()) {
    std::printf("%s costs %s\n", std::string((*rows)->key()).c_str(),
                std::string((*rows)->value()).c_str());
  }
  Check((*rows)->status());
}

// Counts without a thread that waits for others.
void CountFruit(trimaran::DB& db, std::promise<int>& counted) {
  db.ReadIndexAsync([&](const absl::StatusOr<uint64_t>& index) {
    Check(index.status());
    // Is served at once, and is as fresh as a read that had waited.
    const auto fresh = trimaran::ReadOptions::AtLeast(*index);
    int count = 0;
    for (const char* const key : {"fruit/apple", "fruit/pear", "fruit/plum"}) {
      const auto value = db.Get(key, fresh);
      Check(value.status());
      if (value->has_value()) ++count;
    }
    counted.set_value(count);
  });
}

// Tries a few times, where that may help and does no harm.
bool Store(trimaran::DB& db, const std::string& key, const std::string& value) {
  absl::Status status;
  for (int attempt = 0; attempt < 3; ++attempt) {
    status = db.Put(key, value, {.timeout = absl::Seconds(2)}).status();
    if (status.ok()) return true;
    // What breaks a limit will break it again. Of any other error the outcome
    // tells: kNotApplied may be tried again, kUnknown only because to put the
    // same value twice does no harm; whatever counts needs a transaction.
    if (absl::IsInvalidArgument(status)) break;
  }
  const bool maybe =
      trimaran::OutcomeOf(status) == trimaran::WriteOutcome::kUnknown;
  std::printf("%s: %s\n", maybe ? "may be done yet" : "not done",
              status.ToString().c_str());
  return false;
}

}  // namespace

int main() {
  auto db = trimaran::DB::Open({}, "tour.db");
  Check(db.status());
  Rows(**db);
  Families(**db);
  std::promise<int> counted;
  CountFruit(**db, counted);
  std::printf("%d of three\n", counted.get_future().get());
  if (!Store(**db, "fruit/fig", "9")) return 1;
  // A key has one byte at least.
  return Store(**db, "", "nothing") ? 1 : 0;
}
