#include <memory>
#include <string>
#include <utility>

#include "api/c/boundary.h"
#include "api/c/status_json.h"

using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::CopyToC;
using trimaran::c::Refusal;

namespace {

static_assert(static_cast<int>(trimaran::ReplicaRole::kFollower) ==
              TRIMARAN_FOLLOWER);
static_assert(static_cast<int>(trimaran::ReplicaRole::kCandidate) ==
              TRIMARAN_CANDIDATE);
static_assert(static_cast<int>(trimaran::ReplicaRole::kLeader) ==
              TRIMARAN_LEADER);

}  // namespace

trimaran_code trimaran_get_status(trimaran_db* db, trimaran_status** status,
                                  trimaran_error** error) {
  Clear(status);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(status, "status");
    if (!arguments.ok()) return arguments.refusal();
    auto found = db->db->admin().GetStatus();
    if (!found.ok()) return found.status();
    std::string json = trimaran::c::StatusJson(*found);
    *status = new trimaran_status{*std::move(found), std::move(json)};
    return absl::OkStatus();
  });
}

void trimaran_status_free(trimaran_status* status) { delete status; }

uint64_t trimaran_status_replica_id(const trimaran_status* status) {
  return status == nullptr ? 0 : status->status.replica_id;
}

trimaran_role trimaran_status_role(const trimaran_status* status) {
  return status == nullptr ? TRIMARAN_FOLLOWER
                           : static_cast<trimaran_role>(status->status.role);
}

uint64_t trimaran_status_leader(const trimaran_status* status) {
  return status == nullptr ? 0 : status->status.leader;
}

uint64_t trimaran_status_term(const trimaran_status* status) {
  return status == nullptr ? 0 : status->status.term;
}

uint64_t trimaran_status_commit(const trimaran_status* status) {
  return status == nullptr ? 0 : status->status.commit;
}

uint64_t trimaran_status_applied(const trimaran_status* status) {
  return status == nullptr ? 0 : status->status.applied.index;
}

trimaran_code trimaran_status_failure(const trimaran_status* status,
                                      trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(status, "status");
    if (!arguments.ok()) return arguments.refusal();
    return status->status.failure;
  });
}

const char* trimaran_status_json(const trimaran_status* status) {
  return status == nullptr ? "" : status->json.c_str();
}

trimaran_code trimaran_get_metrics(trimaran_db* db, char** text,
                                   trimaran_error** error) {
  Clear(text);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(text, "text");
    if (!arguments.ok()) return arguments.refusal();
    const auto metrics = db->db->admin().GetMetrics();
    if (!metrics.ok()) return metrics.status();
    *text = CopyToC(*metrics);
    if (*text == nullptr) {
      return Refusal(absl::StatusCode::kResourceExhausted, "out of memory");
    }
    return absl::OkStatus();
  });
}
