#ifndef TRIMARAN_TESTS_SOAK_SOAK_CLIENT_H_
#define TRIMARAN_TESTS_SOAK_SOAK_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "trimaran/db.h"

namespace trimaran::soak {

// A database, of which one day may be said that it was killed: what it answers
// from then on nobody has heard.
//
// Thread: any, but for the destructor.
struct SoakReplica {
  explicit SoakReplica(std::unique_ptr<DB> opened) : db(std::move(opened)) {}

  const std::unique_ptr<DB> db;
  std::atomic<bool> killed = false;
};

// A replica that runs, chosen by a number; null if that one does not.
using FindReplica =
    std::function<std::shared_ptr<SoakReplica>(uint64_t number)>;

// Writes keys of its own and a counter of its own, one call after the other,
// and knows of each what a correct database may answer.
//
// Thread: one; errors and calls: any.
class SoakClient {
 public:
  SoakClient(uint64_t id, uint64_t seed, FindReplica find);

  // One call.
  void Step();
  // Everything once more, at `db`, while nobody writes.
  void CheckAll(DB& db);

  uint64_t calls() const { return calls_; }
  // What was wrong, for people.
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  // What a row may hold: what was acknowledged last, or anything of which
  // nobody knows whether and when it is done.
  struct Row {
    std::string acknowledged;
    std::vector<std::string> doubtful = {};
  };

  std::string KeyOf(size_t row) const;
  std::string CounterKey() const;
  void Put(SoakReplica& replica);
  void Get(SoakReplica& replica);
  void Increment(SoakReplica& replica);
  void Check(size_t row, const std::string& value);
  void CheckCounter(const std::string& value);

  const uint64_t id_;
  SeededRandom random_;
  const FindReplica find_;
  std::vector<Row> rows_;
  uint64_t version_ = 0;
  // Increments that were done, and those of which nobody knows.
  uint64_t counted_ = 0;
  uint64_t doubtful_ = 0;
  std::atomic<uint64_t> calls_ = 0;
  std::vector<std::string> errors_;
};

}  // namespace trimaran::soak

#endif  // TRIMARAN_TESTS_SOAK_SOAK_CLIENT_H_
