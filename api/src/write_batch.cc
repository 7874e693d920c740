#include "trimaran/write_batch.h"

namespace trimaran {

void WriteBatch::Put(ColumnFamily family, std::string_view key,
                     std::string_view value) {
  Add(Kind::kPut, family, key, value);
}

void WriteBatch::Delete(ColumnFamily family, std::string_view key) {
  Add(Kind::kDelete, family, key, {});
}

void WriteBatch::DeleteRange(ColumnFamily family, std::string_view begin,
                             std::string_view end) {
  Add(Kind::kDeleteRange, family, begin, end);
}

void WriteBatch::Get(ColumnFamily family, std::string_view key) {
  Add(Kind::kGet, family, key, {});
}

void WriteBatch::Clear() {
  bytes_.clear();
  changes_.clear();
}

WriteBatch::Change WriteBatch::change(size_t at) const {
  const Place& place = changes_.at(at);
  const std::string_view bytes = bytes_;
  return {.kind = place.kind,
          .family = place.family,
          .first = bytes.substr(place.offset, place.first_size),
          .second =
              bytes.substr(place.offset + place.first_size, place.second_size)};
}

void WriteBatch::Add(Kind kind, ColumnFamily family, std::string_view first,
                     std::string_view second) {
  changes_.push_back({.kind = kind,
                      .family = family,
                      .offset = bytes_.size(),
                      .first_size = first.size(),
                      .second_size = second.size()});
  bytes_.append(first);
  bytes_.append(second);
}

}  // namespace trimaran
