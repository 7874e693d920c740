#include "tests/engine/conformance/view_comparison.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

template <typename... Parts>
absl::Status Different(const Parts&... parts) {
  return absl::InternalError(absl::StrCat(parts...));
}

std::string Escaped(std::string_view bytes) {
  return absl::CHexEscape(ToAbsl(bytes.substr(0, 40)));
}

struct IteratorPair {
  std::unique_ptr<RowIterator> real;
  std::unique_ptr<RowIterator> expected;
};

// Where an iterator stands, as text.
std::string Place(const RowIterator& iterator) {
  if (!iterator.status().ok()) return iterator.status().ToString();
  if (!iterator.valid()) return "nowhere";
  return absl::StrCat(Escaped(iterator.key()), " (", iterator.key().size(),
                      ") = ", Escaped(iterator.value()), " (",
                      iterator.value().size(), ") of ",
                      iterator.version().value());
}

absl::Status ComparePlace(std::string_view move, const IteratorPair& pair) {
  const std::string place = Place(*pair.real);
  const std::string expected = Place(*pair.expected);
  if (place == expected &&
      (!pair.real->valid() || (pair.real->key() == pair.expected->key() &&
                               pair.real->value() == pair.expected->value()))) {
    return absl::OkStatus();
  }
  return Different("iterator after ", ToAbsl(move), ": ", place, ", expected ",
                   expected);
}

// Both, or neither where both are refused alike.
absl::StatusOr<std::optional<IteratorPair>> NewIterators(
    const ViewPair& views, FamilyId family, const IterationBounds& bounds) {
  auto real = views.real.NewIterator(family, bounds);
  auto expected = views.expected.NewIterator(family, bounds);
  if (real.status().code() != expected.status().code()) {
    return Different("new iterator: ", real.status().ToString(), ", expected ",
                     expected.status().ToString());
  }
  if (!real.ok()) return std::optional<IteratorPair>();
  return std::optional(IteratorPair{*std::move(real), *std::move(expected)});
}

absl::Status Walk(const IteratorPair& pair, EntryMaker& maker, Random& random) {
  for (uint64_t n = 1 + random.Uniform(12); n > 0; --n) {
    uint64_t choice = random.Uniform(10);
    if (choice > 3 && !pair.expected->valid()) choice = random.Uniform(4);
    const std::string key(random.OneIn(10) ? "" : maker.Key());
    std::string move;
    for (RowIterator* iterator : {pair.real.get(), pair.expected.get()}) {
      if (choice == 0) {
        move = "first";
        iterator->SeekToFirst();
      } else if (choice == 1) {
        move = "last";
        iterator->SeekToLast();
      } else if (choice == 2) {
        move = absl::StrCat("seek ", Escaped(key));
        iterator->Seek(key);
      } else if (choice == 3) {
        move = absl::StrCat("seek for previous ", Escaped(key));
        iterator->SeekForPrev(key);
      } else if (choice < 7) {
        move = "next";
        iterator->Next();
      } else {
        move = "previous";
        iterator->Prev();
      }
    }
    TRIMARAN_RETURN_IF_ERROR(ComparePlace(move, pair));
  }
  return absl::OkStatus();
}

absl::Status CompareGet(const ViewPair& views, FamilyId family,
                        std::string_view key) {
  std::string value;
  std::string expected_value;
  const auto found = views.real.Get(family, key, value);
  const auto expected = views.expected.Get(family, key, expected_value);
  if (found.status().code() != expected.status().code() ||
      (found.ok() && *found != *expected) ||
      (found.ok() && *found && value != expected_value)) {
    return Different("get ", family.value(), " ", Escaped(key), ": ",
                     found.status().ToString(), ", ", Escaped(value),
                     ", expected ", expected.status().ToString(), ", ",
                     Escaped(expected_value));
  }
  return absl::OkStatus();
}

absl::Status CompareMultiGet(const ViewPair& views, FamilyId family,
                             EntryMaker& maker, Random& random) {
  std::vector<std::string_view> keys;
  for (uint64_t n = random.Uniform(5); n > 0; --n) keys.push_back(maker.Key());
  const auto rows = views.real.MultiGet(family, keys);
  const auto expected = views.expected.MultiGet(family, keys);
  if (rows.status().code() != expected.status().code() ||
      (rows.ok() && *rows != *expected)) {
    return Different("get of ", keys.size(), " rows of ", family.value(), ": ",
                     rows.status().ToString(), ", expected ",
                     expected.status().ToString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CompareAllRows(const ViewPair& views,
                            const std::vector<Family>& families) {
  if (views.real.position() != views.expected.position()) {
    return Different("view of ", views.real.position().id.index.value(),
                     ", expected ", views.expected.position().id.index.value());
  }
  for (const Family& family : families) {
    TRIMARAN_ASSIGN_OR_RETURN(const auto pair,
                              NewIterators(views, family.id, {}));
    if (!pair) return Different("no rows of family ", family.name);
    pair->real->SeekToFirst();
    pair->expected->SeekToFirst();
    TRIMARAN_RETURN_IF_ERROR(ComparePlace("first", *pair));
    while (pair->expected->valid()) {
      pair->real->Next();
      pair->expected->Next();
      TRIMARAN_RETURN_IF_ERROR(ComparePlace("next", *pair));
    }
  }
  return absl::OkStatus();
}

absl::Status CompareRead(const ViewPair& views, FamilyId family,
                         EntryMaker& maker, Random& random) {
  const uint64_t choice = random.Uniform(4);
  if (choice == 0) return CompareGet(views, family, maker.Key());
  if (choice == 1) return CompareMultiGet(views, family, maker, random);
  IterationBounds bounds;
  if (random.OneIn(2)) bounds.begin = std::string(maker.Key());
  if (random.OneIn(2)) bounds.end = std::string(maker.Key());
  if (random.OneIn(4)) bounds.end = PrefixEnd(bounds.begin);
  TRIMARAN_ASSIGN_OR_RETURN(const auto pair,
                            NewIterators(views, family, bounds));
  if (!pair) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(ComparePlace("nothing", *pair));
  const absl::Status status = Walk(*pair, maker, random);
  if (status.ok()) return status;
  return Different(status.message(), " in [", Escaped(bounds.begin), ", ",
                   Escaped(bounds.end), ") of ", family.value());
}

}  // namespace trimaran::engine
