#include <utility>

#include "api/c/async_call.h"
#include "api/c/boundary.h"

using trimaran::ColumnFamily;
using trimaran::c::Answered;
using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::Fail;
using trimaran::c::Show;
using trimaran::c::ShowNothing;
using trimaran::c::SubmitAsync;
using trimaran::c::Take;

namespace {

void NeedWhole(const trimaran_transaction* transaction, Arguments& arguments) {
  arguments.NeedWhole(transaction, "transaction");
  if (transaction == nullptr) return;
  arguments.NeedWhole(&transaction->then, "transaction, then");
  arguments.NeedWhole(&transaction->otherwise, "transaction, otherwise");
}

}  // namespace

// ---- Waiting for it ----

trimaran_code trimaran_put(  // NOLINT(readability-function-size): sizes apart
    trimaran_db* db, trimaran_family family, const void* key, size_t key_size,
    const void* value, size_t value_size, const trimaran_write_options* options,
    trimaran_place* place, trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    const std::string_view key_bytes = arguments.Bytes(key, key_size, "key");
    const std::string_view value_bytes =
        arguments.Bytes(value, value_size, "value");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->Put(ColumnFamily(family), key_bytes, value_bytes,
                            arguments.Options(options)),
                place);
  });
}

trimaran_code trimaran_delete(trimaran_db* db, trimaran_family family,
                              const void* key, size_t key_size,
                              const trimaran_write_options* options,
                              trimaran_place* place, trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    const std::string_view bytes = arguments.Bytes(key, key_size, "key");
    if (!arguments.ok()) return arguments.refusal();
    return Take(
        db->db->Delete(ColumnFamily(family), bytes, arguments.Options(options)),
        place);
  });
}

trimaran_code trimaran_delete_range(trimaran_db* db, trimaran_family family,
                                    const trimaran_range* range,
                                    const trimaran_write_options* options,
                                    trimaran_place* place,
                                    trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(range, "range");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->DeleteRange(ColumnFamily(family), range->range,
                                    arguments.Options(options)),
                place);
  });
}

trimaran_code trimaran_write(trimaran_db* db, const trimaran_batch* batch,
                             const trimaran_write_options* options,
                             trimaran_place* place, trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.NeedWhole(batch, "batch");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->Write(*batch->batch, arguments.Options(options)),
                place);
  });
}

trimaran_code trimaran_commit(trimaran_db* db,
                              const trimaran_transaction* transaction,
                              const trimaran_write_options* options,
                              trimaran_commit_result** result,
                              trimaran_error** error) {
  Clear(result);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    NeedWhole(transaction, arguments);
    arguments.Need(result, "result");
    if (!arguments.ok()) return arguments.refusal();
    // Made first: afterwards, a lack of memory would hide that it was done.
    auto made = std::make_unique<trimaran_commit_result>();
    auto done =
        db->db->Commit(transaction->transaction, arguments.Options(options));
    if (!done.ok()) return done.status();
    made->result = *std::move(done);
    *result = made.release();
    return absl::OkStatus();
  });
}

// ---- Not waiting ----

void trimaran_write_async(trimaran_db* db, const trimaran_batch* batch,
                          const trimaran_write_options* options,
                          trimaran_write_callback done, void* context) {
  SubmitAsync(done, context, [&](const Answered& answered) {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.NeedWhole(batch, "batch");
    if (!arguments.ok()) return arguments.refusal();
    db->db->WriteAsync(
        *batch->batch,
        [done, context,
         answered](const absl::StatusOr<trimaran::CommitInfo>& answer) {
          if (done == nullptr || answered->exchange(true)) return;
          if (!answer.ok()) return Fail(done, context, answer.status());
          const trimaran_place place = {answer->index, answer->term};
          done(context, &place, nullptr);
        },
        arguments.Options(options));
    return absl::OkStatus();
  });
}

void trimaran_commit_async(trimaran_db* db,
                           const trimaran_transaction* transaction,
                           const trimaran_write_options* options,
                           trimaran_commit_callback done, void* context) {
  SubmitAsync(done, context, [&](const Answered& answered) {
    Arguments arguments;
    arguments.Need(db, "db");
    NeedWhole(transaction, arguments);
    if (!arguments.ok()) return arguments.refusal();
    db->db->CommitAsync(
        transaction->transaction,
        [done, context,
         answered](absl::StatusOr<trimaran::CommitResult> answer) {
          if (done == nullptr || answered->exchange(true)) return;
          if (!answer.ok()) return Fail(done, context, answer.status());
          const trimaran_commit_result result = {*std::move(answer)};
          done(context, &result, nullptr);
        },
        arguments.Options(options));
    return absl::OkStatus();
  });
}

// ---- What a transaction has come to ----

void trimaran_commit_result_free(trimaran_commit_result* result) {
  delete result;
}

bool trimaran_commit_result_succeeded(const trimaran_commit_result* result) {
  return result != nullptr && result->result.succeeded;
}

void trimaran_commit_result_place(const trimaran_commit_result* result,
                                  trimaran_place* place) {
  if (result == nullptr || place == nullptr) return;
  *place = {result->result.commit.index, result->result.commit.term};
}

size_t trimaran_commit_result_read_count(const trimaran_commit_result* result) {
  return result == nullptr ? 0 : result->result.reads.size();
}

const void* trimaran_commit_result_read(const trimaran_commit_result* result,
                                        size_t at, size_t* size) {
  if (at >= trimaran_commit_result_read_count(result)) {
    return ShowNothing(size);
  }
  const auto& read = result->result.reads[at];
  return read.has_value() ? Show(*read, size) : ShowNothing(size);
}

bool trimaran_commit_result_reads_dropped(
    const trimaran_commit_result* result) {
  return result != nullptr && result->result.reads_dropped;
}

uint64_t trimaran_commit_result_rows_deleted(
    const trimaran_commit_result* result) {
  return result == nullptr ? 0 : result->result.rows_deleted;
}
