#ifndef TRIMARAN_ENGINE_KV_READ_VIEW_H_
#define TRIMARAN_ENGINE_KV_READ_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/format/chain.h"
#include "engine/format/command.h"

namespace trimaran::engine {

struct Family {
  FamilyId id;
  std::string name;

  friend bool operator==(const Family&, const Family&) = default;
};

// Which rows an iterator visits: those in [begin, end), of which both may be
// empty for no bound. See PrefixEnd for a prefix.
struct IterationBounds {
  std::string begin;
  std::string end;
};
// The smallest key larger than every key with this prefix; empty if there is
// none.
std::string PrefixEnd(std::string_view prefix);

// Walks over the rows of one family in the order of their keys, either way.
// Starts out invalid: position it first.
//
// Thread: one at a time, the thread of its view.
class RowIterator {
 public:
  virtual ~RowIterator() = default;

  // Each leaves the iterator at a row, or invalid if there is none left within
  // the bounds, or after an error, which status() tells.
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  // The first row at or after `key`; the last one at or before it.
  virtual void Seek(std::string_view key) = 0;
  virtual void SeekForPrev(std::string_view key) = 0;
  // Only while valid().
  virtual void Next() = 0;
  virtual void Prev() = 0;

  virtual bool valid() const = 0;
  virtual absl::Status status() const = 0;

  // Only while valid(), and only until the next call that moves the iterator.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  // The entry that wrote the row.
  virtual LogIndex version() const = 0;
};

// The state at one log position, whatever is applied meanwhile. A view pins
// memory: keep it for a second, not for a minute. One that has become too old
// (the engine's option) fails all calls with kAborted, which says so.
//
// Thread: one at a time. Must be destroyed before its state machine.
class ReadView {
 public:
  virtual ~ReadView() = default;

  virtual LogPosition position() const = 0;

  // False if there is no such row. NotFound: no such family.
  virtual absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                                   std::string& value) = 0;
  // One answer per key, in the order of the keys.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      FamilyId family, absl::Span<const std::string_view> keys) = 0;
  // Must be destroyed before its view.
  virtual absl::StatusOr<std::unique_ptr<RowIterator>> NewIterator(
      FamilyId family, const IterationBounds& bounds) = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_READ_VIEW_H_
