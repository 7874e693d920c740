// A copy of some rows in memory that stays equal to the database: rows are
// scanned once, and followed from there, while others write.

#include "trimaran/watch.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "trimaran/db.h"
#include "trimaran/errors.h"

namespace {

using Copy = std::map<std::string, std::string>;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::puts(status.ToString().c_str());
  std::abort();
}

void Apply(const trimaran::Change& change, Copy& copy) {
  switch (change.kind) {
    case trimaran::Change::Kind::kPut:
      copy[change.key] = change.value;
      break;
    case trimaran::Change::Kind::kDelete:
      copy.erase(change.key);
      break;
    case trimaran::Change::Kind::kDeleteRange:
      copy.erase(
          copy.lower_bound(change.key),
          change.end.empty() ? copy.end() : copy.lower_bound(change.end));
      break;
  }
}

// The rows as they are, and what tells of every change behind them.
std::unique_ptr<trimaran::Watcher> Begin(trimaran::DB& db,
                                         const trimaran::KeyRange& range,
                                         Copy& copy) {
  copy.clear();
  auto rows = db.Scan(range);
  Check(rows.status());
  for (; (*rows)->Valid(); (*rows)->Next()) {
    copy.emplace((*rows)->key(), (*rows)->value());
  }
  Check((*rows)->status());
  auto watcher = db.Watch(range, {.from_index = (*rows)->index() + 1});
  Check(watcher.status());
  return *std::move(watcher);
}

// Keeps `copy` equal to the rows until the last one is there.
void Follow(trimaran::DB& db, const trimaran::KeyRange& range, Copy& copy) {
  auto watcher = Begin(db, range, copy);
  while (copy.count("user/last") == 0) {
    auto batch = watcher->Next(absl::Seconds(1));
    if (trimaran::IsCompacted(batch.status())) {
      // Too slow: what came next is forgotten. Start over.
      watcher = Begin(db, range, copy);
      continue;
    }
    Check(batch.status());
    for (const auto& change : batch->changes) Apply(change, copy);
  }
}

void WriteUsers(trimaran::DB& db) {
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "user/" + std::to_string(i % 100);
    Check(i % 3 == 0 ? db.Delete(key).status()
                     : db.Put(key, std::to_string(i)).status());
  }
  Check(db.Put("user/last", "1000").status());
}

}  // namespace

int main() {
  auto db = trimaran::DB::Open({}, "watched.db");
  Check(db.status());
  std::thread writer([&db] { WriteUsers(**db); });
  const auto users = trimaran::KeyRange::Prefix("user/");
  Copy followed;
  Follow(**db, users, followed);
  writer.join();

  Copy rows;
  (void)Begin(**db, users, rows);
  std::printf("%d users were followed, and %d are there\n",
              static_cast<int>(followed.size()), static_cast<int>(rows.size()));
  return followed == rows ? 0 : 1;
}
