#ifndef TRIMARAN_API_C_BOUNDARY_H_
#define TRIMARAN_API_C_BOUNDARY_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/c/handles.h"

// How a call from C becomes one in C++, and its answer one in C: nothing that
// is thrown gets out, and nothing that a caller may have got wrong gets in.

namespace trimaran::c {

// ---- Errors on their way out ----

// An error of a call that was not even begun, and so has changed nothing.
absl::Status Refusal(absl::StatusCode code, std::string_view text);

// What a caller in C gets to know of `status`.
trimaran_error Describe(const absl::Status& status);
// Made beforehand, for when there is no memory, or something was thrown that
// nobody knows. The outcome of a write is not known then.
trimaran_error& NoMemory();
trimaran_error& Unexpected();

// Code and error object for the caller. `error` may be nullptr.
trimaran_code Report(const absl::Status& status, trimaran_error** error);

// Runs `body`, which returns an absl::Status, and reports how it ended.
template <typename Body>
trimaran_code Call(trimaran_error** error, Body body) {
  trimaran_error* failed = nullptr;
  try {
    if (error != nullptr) *error = nullptr;
    return Report(body(), error);
  } catch (const std::bad_alloc&) {
    failed = &NoMemory();
  } catch (...) {
    failed = &Unexpected();
  }
  if (error != nullptr) *error = failed;
  return failed->code;
}

// A new object for a caller; nullptr without memory.
template <typename Handle, typename Make>
Handle* Create(Make make) {
  try {
    return make();
  } catch (...) {
    return nullptr;
  }
}

// A step in building up the object behind `handle`: runs `step` on it, which
// returns an absl::Status. The first problem stays.
template <typename Handle, typename Step>
void Build(Handle* handle, Step step) {
  if (handle == nullptr) return;
  absl::Status problem;
  try {
    problem = step(*handle);
  } catch (...) {
    // Without a text, which would need memory.
    problem = absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
  if (handle->problem.ok()) handle->problem = std::move(problem);
}

// ---- What a caller hands over ----

// Checks it piece by piece; the first one that is wrong is told.
class Arguments {
 public:
  void Refuse(std::string_view text);
  void Need(const void* pointer, std::string_view name);
  // An object that is built up step by step.
  template <typename Handle>
  void NeedWhole(const Handle* handle, std::string_view name) {
    Need(handle, name);
    if (handle != nullptr) Whole(handle->problem, name);
  }
  std::string_view Bytes(const void* data, size_t size, std::string_view name);

  WriteOptions Options(const trimaran_write_options* options);
  ReadOptions Options(const trimaran_read_options* options);

  bool ok() const { return refusal_.ok(); }
  const absl::Status& refusal() const { return refusal_; }

 private:
  void Whole(const absl::Status& problem, std::string_view name);

  absl::Status refusal_;
};

// "" for nullptr.
std::string_view TextOr(const char* text);
// Negative: infinite.
absl::Duration Timeout(int64_t timeout_ms);

// ---- What a caller gets ----

// Where an object is to go.
template <typename T>
void Clear(T** place) {
  if (place != nullptr) *place = nullptr;
}
// Plain memory with these bytes, and a zero byte behind them; for
// trimaran_free. nullptr without memory.
char* CopyToC(std::string_view bytes);
// The bytes, and in `size`, if it is not nullptr, their number.
const void* Show(std::string_view bytes, size_t* size);
// The same for what is not there: nullptr and 0.
const void* ShowNothing(size_t* size);
// The status of `done`; its place goes to `place`, if that is not nullptr.
absl::Status Take(const absl::StatusOr<CommitInfo>& done,
                  trimaran_place* place);
absl::Status Take(const absl::StatusOr<LogPlace>& done, trimaran_place* place);

}  // namespace trimaran::c

#endif  // TRIMARAN_API_C_BOUNDARY_H_
