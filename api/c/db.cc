#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "api/c/async_call.h"
#include "api/c/boundary.h"

using trimaran::ColumnFamily;
using trimaran::c::Answered;
using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::CopyToC;
using trimaran::c::Fail;
using trimaran::c::Refusal;
using trimaran::c::Show;
using trimaran::c::ShowNothing;
using trimaran::c::SubmitAsync;

// ---- Life ----

trimaran_code trimaran_open(const trimaran_options* options,
                            const char* directory, trimaran_db** db,
                            trimaran_error** error) {
  Clear(db);
  return Call(error, [&] {
    Arguments arguments;
    if (options != nullptr) arguments.NeedWhole(options, "options");
    arguments.Need(directory, "directory");
    arguments.Need(db, "db");
    if (!arguments.ok()) return arguments.refusal();
    auto made = std::make_unique<trimaran_db>();
    auto opened = trimaran::DB::Open(
        options == nullptr ? trimaran::Options() : options->options, directory);
    if (!opened.ok()) return opened.status();
    made->db = *std::move(opened);
    *db = made.release();
    return absl::OkStatus();
  });
}

trimaran_code trimaran_close(trimaran_db* db, trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    if (!arguments.ok()) return arguments.refusal();
    return db->db->Close();
  });
}

void trimaran_db_free(trimaran_db* db) { delete db; }

// ---- Reading ----

void trimaran_read_index_async(trimaran_db* db,
                               const trimaran_read_options* options,
                               trimaran_read_index_callback done,
                               void* context) {
  SubmitAsync(done, context, [&](const Answered& answered) {
    Arguments arguments;
    arguments.Need(db, "db");
    const trimaran::ReadOptions read = arguments.Options(options);
    if (!arguments.ok()) return arguments.refusal();
    db->db->ReadIndexAsync(
        [done, context, answered](const absl::StatusOr<uint64_t>& index) {
          if (done == nullptr || answered->exchange(true)) return;
          if (!index.ok()) return Fail(done, context, index.status());
          done(context, &*index, nullptr);
        },
        read);
    return absl::OkStatus();
  });
}

trimaran_code trimaran_get(  // NOLINT(readability-function-size): sizes apart
    trimaran_db* db, trimaran_family family, const void* key, size_t key_size,
    const trimaran_read_options* options, void** value, size_t* value_size,
    trimaran_error** error) {
  Clear(value);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    const std::string_view bytes = arguments.Bytes(key, key_size, "key");
    arguments.Need(value, "value");
    arguments.Need(value_size, "value_size");
    const trimaran::ReadOptions read = arguments.Options(options);
    if (!arguments.ok()) return arguments.refusal();
    const auto found = db->db->Get(ColumnFamily(family), bytes, read);
    if (!found.ok()) return found.status();
    *value_size = 0;
    if (!found->has_value()) return absl::OkStatus();
    *value = CopyToC(**found);
    if (*value == nullptr) {
      return Refusal(absl::StatusCode::kResourceExhausted, "out of memory");
    }
    *value_size = (*found)->size();
    return absl::OkStatus();
  });
}

trimaran_code trimaran_multi_get(trimaran_db* db, trimaran_family family,
                                 const trimaran_bytes* keys, size_t key_count,
                                 const trimaran_read_options* options,
                                 trimaran_values** values,
                                 trimaran_error** error) {
  Clear(values);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    if (key_count > 0) arguments.Need(keys, "keys");
    arguments.Need(values, "values");
    const trimaran::ReadOptions read = arguments.Options(options);
    std::vector<std::string_view> wanted;
    for (size_t i = 0; i < key_count && arguments.ok(); ++i) {
      wanted.push_back(arguments.Bytes(keys[i].data, keys[i].size, "key"));
    }
    if (!arguments.ok()) return arguments.refusal();
    auto found = db->db->MultiGet(ColumnFamily(family), wanted, read);
    if (!found.ok()) return found.status();
    *values = new trimaran_values{*std::move(found)};
    return absl::OkStatus();
  });
}

void trimaran_values_free(trimaran_values* values) { delete values; }

size_t trimaran_values_count(const trimaran_values* values) {
  return values == nullptr ? 0 : values->values.size();
}

const void* trimaran_values_at(const trimaran_values* values, size_t at,
                               size_t* size) {
  if (at >= trimaran_values_count(values)) return ShowNothing(size);
  const auto& value = values->values[at];
  return value.has_value() ? Show(*value, size) : ShowNothing(size);
}
