#include "trimaran/transaction.h"

namespace trimaran {

Transaction& Transaction::IfExists(ColumnFamily family, std::string_view key) {
  conditions_.push_back({.kind = Condition::Kind::kExists,
                         .family = family,
                         .key = std::string(key)});
  return *this;
}

Transaction& Transaction::IfAbsent(ColumnFamily family, std::string_view key) {
  conditions_.push_back({.kind = Condition::Kind::kAbsent,
                         .family = family,
                         .key = std::string(key)});
  return *this;
}

Transaction& Transaction::IfValueIs(ColumnFamily family, std::string_view key,
                                    std::string_view value) {
  conditions_.push_back({.kind = Condition::Kind::kValueIs,
                         .family = family,
                         .key = std::string(key),
                         .value = std::string(value)});
  return *this;
}

Transaction& Transaction::IfVersionIs(ColumnFamily family, std::string_view key,
                                      uint64_t version) {
  conditions_.push_back({.kind = Condition::Kind::kVersionIs,
                         .family = family,
                         .key = std::string(key),
                         .version = version});
  return *this;
}

}  // namespace trimaran
