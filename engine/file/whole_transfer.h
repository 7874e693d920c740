#ifndef TRIMARAN_ENGINE_FILE_WHOLE_TRANSFER_H_
#define TRIMARAN_ENGINE_FILE_WHOLE_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

// What a system may do in part, done until it is done whole: a signal, a quota
// or a network file system can make any read or write a short one.
//
// Thread: any.

namespace trimaran::engine {

// Writes some of `data`, at least one byte, and returns how much, as pwrite()
// does.
using WriteSome = absl::FunctionRef<absl::StatusOr<size_t>(
    uint64_t offset, std::string_view data)>;
// Passes on the first error, after which any part of `data` may be written.
absl::Status WriteWhole(uint64_t offset, std::string_view data,
                        WriteSome write);

// Fills some of `buffer`, and returns how much: nothing only at the end of the
// file, as pread() does.
using ReadSome = absl::FunctionRef<absl::StatusOr<size_t>(
    uint64_t offset, absl::Span<char> buffer)>;
// Returns how much there was: less than asked for only at the end of the file.
absl::StatusOr<size_t> ReadWhole(uint64_t offset, absl::Span<char> buffer,
                                 ReadSome read);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_WHOLE_TRANSFER_H_
