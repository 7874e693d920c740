#include "tools/serve/workspace.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace trimaran::serve {
namespace {

// Beyond it a client asks for what no answer could hold.
constexpr size_t kBytesReadMax = size_t{128} << 20;

}  // namespace

Workspace::Seen& Workspace::Look(std::string_view key) {
  const auto [place, added] = seen_.try_emplace(std::string(key));
  Seen& seen = place->second;
  if (!added || all_deleted_ || !status_.ok()) return seen;
  TRIMARAN_CHECK(rows_ != nullptr);
  const auto version = rows_->Version(key);
  if (!version.ok()) {
    status_ = version.status();
    return seen;
  }
  seen.looked = true;
  seen.version = *version;
  seen.exists = *version != 0;
  return seen;
}

void Workspace::ReadValue(std::string_view key, Seen& seen) {
  if (!status_.ok()) return;
  auto row = rows_->Read(key);
  if (!row.ok()) {
    status_ = row.status();
    return;
  }
  if (!row->has_value()) return;
  bytes_read_ += (*row)->value.size();
  if (bytes_read_ > kBytesReadMax) {
    status_ = absl::ResourceExhaustedError(absl::StrCat(
        "it would have to read more than ", kBytesReadMax, " bytes at once"));
    return;
  }
  seen.value = std::move((*row)->value);
}

std::optional<std::string_view> Workspace::Get(std::string_view key) {
  Seen& seen = Look(key);
  if (seen.exists && !seen.value) ReadValue(key, seen);
  if (!seen.value) return std::nullopt;
  const std::string_view value = *seen.value;
  return value;
}

bool Workspace::Exists(std::string_view key) { return Look(key).exists; }

bool Workspace::IsStill(std::string_view key, uint64_t version) {
  if (all_deleted_) return false;
  const Seen& seen = Look(key);
  return !seen.changed && seen.version == version;
}

void Workspace::Put(std::string_view key, std::string_view value) {
  changes_.Put(key, value);
  Change(key, std::string(value));
}

void Workspace::Delete(std::string_view key) {
  changes_.Delete(key);
  Change(key, std::nullopt);
}

void Workspace::Change(std::string_view key, std::optional<std::string> value) {
  // Whoever looks at nothing needs no memory of it.
  if (rows_ == nullptr) return;
  Seen& seen = seen_[std::string(key)];
  seen.changed = true;
  seen.exists = value.has_value();
  seen.value = std::move(value);
}

void Workspace::DeleteAll() {
  changes_.DeleteRange("", "");
  all_deleted_ = true;
  for (auto& [key, seen] : seen_) {
    seen.exists = false;
    seen.value.reset();
  }
}

Transaction Workspace::TakeTransaction() {
  Transaction transaction;
  for (const auto& [key, seen] : seen_) {
    if (seen.looked) transaction.IfVersionIs(key, seen.version);
  }
  transaction.then = std::move(changes_);
  return transaction;
}

}  // namespace trimaran::serve
