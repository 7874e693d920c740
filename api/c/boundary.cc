#include "api/c/boundary.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace trimaran::c {

// ---- What a caller hands over ----

void Arguments::Refuse(std::string_view text) {
  if (!ok()) return;
  refusal_ = Refusal(absl::StatusCode::kInvalidArgument, text);
}

void Arguments::Need(const void* pointer, std::string_view name) {
  if (pointer == nullptr) Refuse(std::string(name).append(" is NULL"));
}

void Arguments::Whole(const absl::Status& problem, std::string_view name) {
  if (problem.ok() || !ok()) return;
  std::string text(name);
  text += ": ";
  if (problem.message().empty()) {
    text += "out of memory";
  } else {
    text.append(problem.message().data(), problem.message().size());
  }
  refusal_ = Refusal(problem.code(), text);
}

std::string_view Arguments::Bytes(const void* data, size_t size,
                                  std::string_view name) {
  if (size == 0) return {};
  Need(data, name);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), size};
}

WriteOptions Arguments::Options(const trimaran_write_options* options) {
  return options == nullptr ? WriteOptions() : options->options;
}

ReadOptions Arguments::Options(const trimaran_read_options* options) {
  if (options == nullptr) return {};
  NeedWhole(options, "read options");
  return options->options;
}

std::string_view TextOr(const char* text) {
  return text == nullptr ? std::string_view() : text;
}

absl::Duration Timeout(int64_t timeout_ms) {
  return timeout_ms < 0 ? absl::InfiniteDuration()
                        : absl::Milliseconds(timeout_ms);
}

// ---- What a caller gets ----

char* CopyToC(std::string_view bytes) {
  auto* const memory = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (memory == nullptr) return nullptr;
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  memory[bytes.size()] = '\0';
  return memory;
}

const void* Show(std::string_view bytes, size_t* size) {
  if (size != nullptr) *size = bytes.size();
  // Where something is, though it be empty, there is an address.
  return bytes.data() == nullptr ? "" : bytes.data();
}

const void* ShowNothing(size_t* size) {
  if (size != nullptr) *size = 0;
  return nullptr;
}

absl::Status Take(const absl::StatusOr<CommitInfo>& done,
                  trimaran_place* place) {
  if (done.ok() && place != nullptr) *place = {done->index, done->term};
  return done.status();
}

absl::Status Take(const absl::StatusOr<LogPlace>& done, trimaran_place* place) {
  if (done.ok() && place != nullptr) *place = {done->index, done->term};
  return done.status();
}

}  // namespace trimaran::c

void trimaran_free(void* memory) { std::free(memory); }
