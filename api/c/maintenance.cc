#include <utility>

#include "api/c/boundary.h"

using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::Take;
using trimaran::c::Timeout;

namespace {

static_assert(static_cast<int>(trimaran::VerifyDepth::kQuick) ==
              TRIMARAN_VERIFY_QUICK);
static_assert(static_cast<int>(trimaran::VerifyDepth::kFull) ==
              TRIMARAN_VERIFY_FULL);

trimaran::VerifyDepth DepthOf(trimaran_verify_depth depth,
                              Arguments& arguments) {
  if (depth == TRIMARAN_VERIFY_QUICK) return trimaran::VerifyDepth::kQuick;
  if (depth != TRIMARAN_VERIFY_FULL) arguments.Refuse("no such depth");
  return trimaran::VerifyDepth::kFull;
}

}  // namespace

// ---- The log and the rows ----

trimaran_code trimaran_checkpoint(trimaran_db* db, int64_t timeout_ms,
                                  trimaran_place* place,
                                  trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->admin().Checkpoint(Timeout(timeout_ms)), place);
  });
}

trimaran_code trimaran_compact_log(trimaran_db* db, uint64_t index,
                                   const trimaran_write_options* options,
                                   trimaran_place* place,
                                   trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->admin().CompactLog(index, arguments.Options(options)),
                place);
  });
}

// ---- Backups ----

trimaran_code trimaran_create_backup(trimaran_db* db, const char* directory,
                                     int64_t timeout_ms, trimaran_place* place,
                                     trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(directory, "directory");
    if (!arguments.ok()) return arguments.refusal();
    const auto made =
        db->db->admin().CreateBackup(directory, Timeout(timeout_ms));
    if (!made.ok()) return made.status();
    return Take(made->place, place);
  });
}

trimaran_code trimaran_restore_from_backup(const trimaran_options* options,
                                           const char* backup,
                                           const char* directory,
                                           trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    if (options != nullptr) arguments.NeedWhole(options, "options");
    arguments.Need(backup, "backup");
    arguments.Need(directory, "directory");
    if (!arguments.ok()) return arguments.refusal();
    return trimaran::RestoreFromBackup(
        options == nullptr ? trimaran::Options() : options->options, backup,
        directory);
  });
}

// ---- Verifying ----

trimaran_code trimaran_verify(trimaran_db* db, trimaran_verify_depth depth,
                              int64_t timeout_ms,
                              trimaran_verify_result** result,
                              trimaran_error** error) {
  Clear(result);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    const trimaran::VerifyDepth chosen = DepthOf(depth, arguments);
    arguments.Need(result, "result");
    if (!arguments.ok()) return arguments.refusal();
    auto found = db->db->admin().Verify(chosen, Timeout(timeout_ms));
    if (!found.ok()) return found.status();
    *result = new trimaran_verify_result{*std::move(found)};
    return absl::OkStatus();
  });
}

trimaran_code trimaran_verify_directory(const char* directory,
                                        trimaran_verify_depth depth,
                                        trimaran_verify_result** result,
                                        trimaran_error** error) {
  Clear(result);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(directory, "directory");
    const trimaran::VerifyDepth chosen = DepthOf(depth, arguments);
    arguments.Need(result, "result");
    if (!arguments.ok()) return arguments.refusal();
    auto found = trimaran::VerifyDirectory(directory, chosen);
    if (!found.ok()) return found.status();
    *result = new trimaran_verify_result{*std::move(found)};
    return absl::OkStatus();
  });
}

void trimaran_verify_result_free(trimaran_verify_result* result) {
  delete result;
}

bool trimaran_verify_result_damaged(const trimaran_verify_result* result) {
  return result != nullptr && result->result.damaged;
}

uint64_t trimaran_verify_result_examined(const trimaran_verify_result* result) {
  return result == nullptr ? 0 : result->result.examined;
}

size_t trimaran_verify_result_count(const trimaran_verify_result* result) {
  return result == nullptr ? 0 : result->result.findings.size();
}

const char* trimaran_verify_result_finding(const trimaran_verify_result* result,
                                           size_t at, bool* damage) {
  if (damage != nullptr) *damage = false;
  if (at >= trimaran_verify_result_count(result)) return "";
  const trimaran::VerifyFinding& finding = result->result.findings[at];
  if (damage != nullptr) *damage = finding.damage;
  return finding.text.c_str();
}

// ---- Comparing replicas ----

trimaran_code trimaran_check_consistency(trimaran_db* db, int64_t timeout_ms,
                                         trimaran_consistency** result,
                                         trimaran_error** error) {
  Clear(result);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(result, "result");
    if (!arguments.ok()) return arguments.refusal();
    auto found = db->db->admin().CheckConsistency(Timeout(timeout_ms));
    if (!found.ok()) return found.status();
    *result = new trimaran_consistency{*std::move(found)};
    return absl::OkStatus();
  });
}

void trimaran_consistency_free(trimaran_consistency* result) { delete result; }

bool trimaran_consistency_consistent(const trimaran_consistency* result) {
  return result != nullptr && result->result.consistent;
}

bool trimaran_consistency_diverged(const trimaran_consistency* result) {
  return result != nullptr && result->result.diverged;
}

size_t trimaran_consistency_count(const trimaran_consistency* result) {
  return result == nullptr ? 0 : result->result.replicas.size();
}

uint64_t trimaran_consistency_replica(const trimaran_consistency* result,
                                      size_t at) {
  if (at >= trimaran_consistency_count(result)) return 0;
  return result->result.replicas[at].replica;
}

const char* trimaran_consistency_hash(const trimaran_consistency* result,
                                      size_t at) {
  if (at >= trimaran_consistency_count(result)) return "";
  return result->result.replicas[at].hash.c_str();
}

const char* trimaran_consistency_error(const trimaran_consistency* result,
                                       size_t at) {
  if (at >= trimaran_consistency_count(result)) return "";
  return result->result.replicas[at].error.c_str();
}
