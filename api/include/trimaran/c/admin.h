#ifndef TRIMARAN_C_ADMIN_H_
#define TRIMARAN_C_ADMIN_H_

#include "trimaran/c/db.h"
#include "trimaran/c/options.h"
#include "trimaran/c/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(modernize-use-using,readability-identifier-naming): this is C.

// ---- Looking: ReplicaStatus in trimaran/status.h; also in callbacks ----

typedef int32_t trimaran_role;
enum { TRIMARAN_FOLLOWER = 0, TRIMARAN_CANDIDATE = 1, TRIMARAN_LEADER = 2 };

// A copy, a heartbeat old at most. Does not change.
typedef struct trimaran_status trimaran_status;

TRIMARAN_EXPORT trimaran_code trimaran_get_status(trimaran_db* db,
                                                  trimaran_status** status,
                                                  trimaran_error** error);
TRIMARAN_EXPORT void trimaran_status_free(trimaran_status* status);
TRIMARAN_EXPORT uint64_t
trimaran_status_replica_id(const trimaran_status* status);
TRIMARAN_EXPORT trimaran_role
trimaran_status_role(const trimaran_status* status);
// 0 if none is known.
TRIMARAN_EXPORT uint64_t trimaran_status_leader(const trimaran_status* status);
TRIMARAN_EXPORT uint64_t trimaran_status_term(const trimaran_status* status);
// The index of the last write that is committed, and that is applied here.
TRIMARAN_EXPORT uint64_t trimaran_status_commit(const trimaran_status* status);
TRIMARAN_EXPORT uint64_t trimaran_status_applied(const trimaran_status* status);
// Why the replica has failed for good; TRIMARAN_OK while it has not.
TRIMARAN_EXPORT trimaran_code
trimaran_status_failure(const trimaran_status* status, trimaran_error** error);
// All that a ReplicaStatus holds, as an object in JSON (RFC 8259, UTF-8), whose
// members have the names of the fields; more may be added. The fields of a
// member's `info` stand beside its other ones. What is empty in C++ is null;
// times are numbers, in seconds. A `store_id` has 64 bits: read as a double, it
// is another one.
TRIMARAN_EXPORT const char* trimaran_status_json(const trimaran_status* status);

// For Prometheus, in its text format. To be freed with trimaran_free.
TRIMARAN_EXPORT trimaran_code trimaran_get_metrics(trimaran_db* db, char** text,
                                                   trimaran_error** error);

// ---- Members: Admin in trimaran/admin.h; on the leader only ----
// `name` and `address` may be NULL, which is as empty.

TRIMARAN_EXPORT trimaran_code trimaran_transfer_leadership(
    trimaran_db* db, uint64_t successor, const trimaran_write_options* options,
    trimaran_error** error);
TRIMARAN_EXPORT trimaran_code trimaran_add_learner(
    trimaran_db* db, uint64_t id, const char* name, const char* address,
    const trimaran_write_options* options, trimaran_error** error);
TRIMARAN_EXPORT trimaran_code
trimaran_promote(trimaran_db* db, uint64_t id,
                 const trimaran_write_options* options, trimaran_error** error);
TRIMARAN_EXPORT trimaran_code trimaran_add_voter(
    trimaran_db* db, uint64_t id, const char* name, const char* address,
    const trimaran_write_options* options, trimaran_error** error);
TRIMARAN_EXPORT trimaran_code trimaran_replace_member(
    trimaran_db* db, uint64_t id, uint64_t successor, const char* name,
    const char* address, const trimaran_write_options* options,
    trimaran_error** error);
TRIMARAN_EXPORT trimaran_code trimaran_remove_member(
    trimaran_db* db, uint64_t id, const trimaran_write_options* options,
    trimaran_error** error);
// On any replica.
TRIMARAN_EXPORT trimaran_code trimaran_update_member(
    trimaran_db* db, uint64_t id, const char* name, const char* address,
    const trimaran_write_options* options, trimaran_error** error);

// ---- Maintenance ----

// `place`, if not NULL, gets the last write that is durable as a row.
TRIMARAN_EXPORT trimaran_code trimaran_checkpoint(trimaran_db* db,
                                                  int64_t timeout_ms,
                                                  trimaran_place* place,
                                                  trimaran_error** error);
// All replicas forget the log up to `index`.
TRIMARAN_EXPORT trimaran_code trimaran_compact_log(
    trimaran_db* db, uint64_t index, const trimaran_write_options* options,
    trimaran_place* place, trimaran_error** error);
// Writes a backup into `directory`, which must not exist or be empty. `place`,
// if not NULL, gets the last write that it holds.
TRIMARAN_EXPORT trimaran_code trimaran_create_backup(trimaran_db* db,
                                                     const char* directory,
                                                     int64_t timeout_ms,
                                                     trimaran_place* place,
                                                     trimaran_error** error);
// Makes a new database of a backup: RestoreFromBackup.
TRIMARAN_EXPORT trimaran_code trimaran_restore_from_backup(
    const trimaran_options* options, const char* backup, const char* directory,
    trimaran_error** error);

typedef int32_t trimaran_verify_depth;
enum {
  // The log, and what the data says about itself; or every row as well.
  TRIMARAN_VERIFY_QUICK = 0,
  TRIMARAN_VERIFY_FULL = 1
};

// What was found; an error means that it could not be looked at.
typedef struct trimaran_verify_result trimaran_verify_result;

TRIMARAN_EXPORT trimaran_code trimaran_verify(trimaran_db* db,
                                              trimaran_verify_depth depth,
                                              int64_t timeout_ms,
                                              trimaran_verify_result** result,
                                              trimaran_error** error);
// Of a database that nobody has open.
TRIMARAN_EXPORT trimaran_code trimaran_verify_directory(
    const char* directory, trimaran_verify_depth depth,
    trimaran_verify_result** result, trimaran_error** error);
TRIMARAN_EXPORT void trimaran_verify_result_free(
    trimaran_verify_result* result);
TRIMARAN_EXPORT bool trimaran_verify_result_damaged(
    const trimaran_verify_result* result);
// Entries and rows that were looked at.
TRIMARAN_EXPORT uint64_t
trimaran_verify_result_examined(const trimaran_verify_result* result);
TRIMARAN_EXPORT size_t
trimaran_verify_result_count(const trimaran_verify_result* result);
// Which check, where, and what. `damage`, if not NULL, tells whether that is
// damage, or worth knowing only.
TRIMARAN_EXPORT const char* trimaran_verify_result_finding(
    const trimaran_verify_result* result, size_t at, bool* damage);

// The states of all members, just behind one and the same write.
typedef struct trimaran_consistency trimaran_consistency;

TRIMARAN_EXPORT trimaran_code trimaran_check_consistency(
    trimaran_db* db, int64_t timeout_ms, trimaran_consistency** result,
    trimaran_error** error);
TRIMARAN_EXPORT void trimaran_consistency_free(trimaran_consistency* result);
// All members have answered, and all have the same state.
TRIMARAN_EXPORT bool trimaran_consistency_consistent(
    const trimaran_consistency* result);
// Two members have different states.
TRIMARAN_EXPORT bool trimaran_consistency_diverged(
    const trimaran_consistency* result);
TRIMARAN_EXPORT size_t
trimaran_consistency_count(const trimaran_consistency* result);
TRIMARAN_EXPORT uint64_t
trimaran_consistency_replica(const trimaran_consistency* result, size_t at);
// 32 hexadecimal digits; empty where there is none, for the reason in the
// other.
TRIMARAN_EXPORT const char* trimaran_consistency_hash(
    const trimaran_consistency* result, size_t at);
TRIMARAN_EXPORT const char* trimaran_consistency_error(
    const trimaran_consistency* result, size_t at);

// NOLINTEND(modernize-use-using,readability-identifier-naming)

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TRIMARAN_C_ADMIN_H_
