#include "engine/kv/point_reader.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "engine/base/status_macros.h"
#include "engine/format/row_value.h"
#include "engine/kv/row_errors.h"

namespace trimaran::engine {

// Owns one place for as long as it lives.
class PointReader::Hold {
 public:
  explicit Hold(PointReader& reader) {
    const size_t own = std::hash<std::thread::id>()(std::this_thread::get_id());
    while (true) {
      for (size_t i = 0; i < kPlaces; ++i) {
        if (TryTake(*reader.places_[(own + i) % kPlaces])) return;
      }
      reader.places_[own % kPlaces]->busy.wait(true);
    }
  }
  // Waits for a certain place.
  explicit Hold(Place& place) {
    while (!TryTake(place)) place.busy.wait(true);
  }
  ~Hold() {
    place_->busy.store(false, std::memory_order_release);
    place_->busy.notify_one();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  Place& operator*() const { return *place_; }
  Place* operator->() const { return place_; }

 private:
  bool TryTake(Place& place) {
    if (place.busy.exchange(true, std::memory_order_acquire)) return false;
    place_ = &place;
    return true;
  }

  Place* place_ = nullptr;
};

PointReader::PointReader(GroupId group, wt::Connection& connection,
                         const PublishedState& published)
    : connection_(connection), published_(published) {
  for (std::unique_ptr<Place>& place : places_) {
    place = std::make_unique<Place>(group);
  }
}

absl::StatusOr<bool> PointReader::Get(FamilyId family, std::string_view key,
                                      std::string& value) {
  const Hold place(*this);
  while (true) {
    TRIMARAN_RETURN_IF_ERROR(Refresh(*place));
    const absl::StatusOr<bool> found = Read(family, key, value, *place);
    // Families and the table are not read in the transaction that finds the
    // row. Where they have changed meanwhile, the answer may never have been
    // true.
    if (place->basis.version == published_.read_version()) return found;
  }
}

absl::Status PointReader::Refresh(Place& place) {
  if (place.basis.version == published_.read_version()) return absl::OkStatus();
  ReadBasis basis = published_.read_basis();
  if (place.session == nullptr) {
    TRIMARAN_ASSIGN_OR_RETURN(place.session, wt::Session::Open(connection_));
  }
  if (place.basis.generation != basis.generation) {
    place.cursor.Close();
    place.basis = {};
    TRIMARAN_ASSIGN_OR_RETURN(
        place.cursor, place.session->OpenCursor(basis.generation->table));
  }
  place.basis = std::move(basis);
  return absl::OkStatus();
}

absl::StatusOr<bool> PointReader::Read(FamilyId family, std::string_view key,
                                       std::string& value, Place& place) {
  if (!place.basis.families->Contains(family)) {
    return NoSuchFamilyError(family);
  }
  const std::string_view table_key = place.keys.Build(family, key);
  // Also where there is no memory for the value: it pins what it stands on.
  absl::Cleanup let_go = [&place] { place.cursor.Reset().IgnoreError(); };
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, place.cursor.Seek(table_key));
  if (found) {
    RowValue row;
    if (!DecodeRowValue(place.cursor.value(), row)) {
      return FailOnRow(connection_, table_key);
    }
    value.assign(row.value);
  }
  std::move(let_go).Cancel();
  TRIMARAN_RETURN_IF_ERROR(place.cursor.Reset());
  return found;
}

void PointReader::ReleaseOldGenerations() {
  for (const std::unique_ptr<Place>& place : places_) {
    const Hold hold(*place);
    if (hold->basis.generation == nullptr ||
        hold->basis.generation == published_.generation()) {
      continue;
    }
    hold->cursor.Close();
    hold->basis = {};
  }
}

}  // namespace trimaran::engine
