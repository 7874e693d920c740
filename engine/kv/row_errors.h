#ifndef TRIMARAN_ENGINE_KV_ROW_ERRORS_H_
#define TRIMARAN_ENGINE_KV_ROW_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "engine/format/command.h"
#include "engine/wt/connection.h"

// The errors that several kinds of reading share.
//
// Thread: any.

namespace trimaran::engine {

// InvalidArgument, naming the limit, for a key that no row can have.
absl::Status CheckUserKey(std::string_view key);

// NotFound.
absl::Status NoSuchFamilyError(FamilyId family);

// Corruption, naming the row.
absl::Status UndecodableRowError(std::string_view table_key);
// The same; and nothing that is stored is believed any more.
absl::Status FailOnRow(wt::Connection& connection, std::string_view table_key);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_ROW_ERRORS_H_
