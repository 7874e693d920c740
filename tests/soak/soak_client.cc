#include "tests/soak/soak_client.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "trimaran/errors.h"

namespace trimaran::soak {
namespace {

constexpr size_t kRows = 500;
constexpr size_t kValueBytes = 400;

const WriteOptions& Patience() {
  static const WriteOptions options{.timeout = absl::Seconds(3)};
  return options;
}

ReadOptions Fresh() {
  ReadOptions options;
  options.timeout = absl::Seconds(3);
  return options;
}

uint64_t NumberIn(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

}  // namespace

SoakClient::SoakClient(uint64_t id, uint64_t seed, FindReplica find)
    : id_(id), random_(seed), find_(std::move(find)), rows_(kRows) {}

std::string SoakClient::KeyOf(size_t row) const {
  return absl::StrCat("client", id_, "/row", row);
}

std::string SoakClient::CounterKey() const {
  return absl::StrCat("client", id_, "/counter");
}

void SoakClient::Step() {
  const std::shared_ptr<SoakReplica> replica = find_(random_.Next());
  if (replica == nullptr) return;
  ++calls_;
  switch (random_.Uniform(4)) {
    case 0:
      return Get(*replica);
    case 1:
      return Increment(*replica);
    default:
      return Put(*replica);
  }
}

void SoakClient::Put(SoakReplica& replica) {
  const size_t row = random_.Uniform(kRows);
  std::string value = absl::StrCat(++version_, " ");
  value.resize(kValueBytes, 'v');
  const auto put = replica.db->Put(KeyOf(row), value, Patience());
  if (replica.killed) {
    rows_[row].doubtful.push_back(std::move(value));
  } else if (put.ok()) {
    rows_[row].acknowledged = std::move(value);
  } else if (OutcomeOf(put.status()) == WriteOutcome::kUnknown) {
    rows_[row].doubtful.push_back(std::move(value));
  }
}

void SoakClient::Get(SoakReplica& replica) {
  const size_t row = random_.Uniform(kRows);
  const auto value = replica.db->Get(KeyOf(row), Fresh());
  if (value.ok() && !replica.killed) Check(row, value->value_or(""));
}

void SoakClient::Increment(SoakReplica& replica) {
  const auto before = replica.db->Get(CounterKey(), Fresh());
  if (!before.ok() || replica.killed) return;
  CheckCounter(before->value_or(""));
  Transaction transaction;
  if (before->has_value()) {
    transaction.IfValueIs(CounterKey(), **before);
  } else {
    transaction.IfAbsent(CounterKey());
  }
  transaction.then.Put(CounterKey(),
                       absl::StrCat(NumberIn(before->value_or("")) + 1));
  const auto done = replica.db->Commit(transaction, Patience());
  if (replica.killed) {
    ++doubtful_;
  } else if (done.ok()) {
    // Fails only where an earlier one, of which nobody knew, was done after
    // all.
    counted_ += done->succeeded ? 1 : 0;
  } else if (OutcomeOf(done.status()) == WriteOutcome::kUnknown) {
    ++doubtful_;
  }
}

void SoakClient::Check(size_t row, const std::string& value) {
  const Row& known = rows_[row];
  if (value == known.acknowledged ||
      std::find(known.doubtful.begin(), known.doubtful.end(), value) !=
          known.doubtful.end()) {
    return;
  }
  errors_.push_back(absl::StrCat(KeyOf(row), " holds ", value.substr(0, 20),
                                 ", and was last given ",
                                 known.acknowledged.substr(0, 20)));
}

void SoakClient::CheckCounter(const std::string& value) {
  const uint64_t count = NumberIn(value);
  if (count >= counted_ && count <= counted_ + doubtful_) return;
  errors_.push_back(absl::StrCat(CounterKey(), " is ", count, " after ",
                                 counted_, " increments and ", doubtful_,
                                 " of which nobody knows"));
}

void SoakClient::CheckAll(DB& db) {
  for (size_t row = 0; row < kRows; ++row) {
    const auto value = db.Get(KeyOf(row), Fresh());
    if (!value.ok()) {
      errors_.push_back(
          absl::StrCat(KeyOf(row), ": ", value.status().message()));
      continue;
    }
    Check(row, value->value_or(""));
  }
  const auto counter = db.Get(CounterKey(), Fresh());
  if (counter.ok()) CheckCounter(counter->value_or(""));
}

}  // namespace trimaran::soak
