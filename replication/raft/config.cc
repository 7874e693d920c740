#include "replication/raft/config.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::raft {
namespace {

struct Field {
  std::string_view name;
  int64_t value = 0;
};

absl::Status AtLeast(const Field& field, const Field& limit) {
  if (field.value >= limit.value) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("raft config: ", ToAbsl(field.name), " is ", field.value,
                   ", must be at least ", ToAbsl(limit.name),
                   limit.name.empty() ? "" : ", ", limit.value));
}

absl::Status Positive(std::string_view name, uint64_t value) {
  return AtLeast({name, value == 0 ? 0 : 1}, {"", 1});
}

absl::Status BadState(absl::string_view rule) {
  return absl::FailedPreconditionError(
      absl::StrCat("stored raft state: ", rule));
}

absl::Status ValidateTerms(const InitialState& state) {
  if (state.terms.empty() != (state.last == state.boundary.index)) {
    return BadState("the terms do not cover the log");
  }
  if (state.terms.empty()) return absl::OkStatus();
  if (state.terms.front().first != state.boundary.index + 1) {
    return BadState("the terms do not begin behind the boundary");
  }
  if (state.terms.front().term < state.boundary.term ||
      state.terms.front().term == Term()) {
    return BadState("the first term is lower than the boundary's");
  }
  for (size_t i = 1; i < state.terms.size(); ++i) {
    if (state.terms[i].first <= state.terms[i - 1].first ||
        state.terms[i].term <= state.terms[i - 1].term) {
      return BadState("terms do not rise along the log");
    }
  }
  if (state.terms.back().first > state.last) {
    return BadState("the terms reach beyond the log");
  }
  if (state.terms.back().term > state.hard_state.term) {
    return BadState(absl::StrCat(
        "an entry of term ", state.terms.back().term.value(),
        ", but the replica has only reached ", state.hard_state.term.value()));
  }
  return absl::OkStatus();
}

}  // namespace

int LeaseMarginForDoubleSpeed(int election_timeout_ticks) {
  // The first two ticks of a promise may come at once, where the host was late
  // for the one, and the others in half the leader's time.
  return election_timeout_ticks - (election_timeout_ticks - 2) / 2;
}

absl::Status Config::Validate() const {
  if (id == kNoReplica) {
    return absl::InvalidArgumentError("raft config: id is 0, which is nobody");
  }
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast({"heartbeat_ticks", heartbeat_ticks}, {"", 1}));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast({"election_timeout_ticks", election_timeout_ticks},
              {"heartbeat_ticks + 1", heartbeat_ticks + 1}));
  const int least = election_timeout_min_ticks != 0 ? election_timeout_min_ticks
                                                    : election_timeout_ticks;
  const int end = election_timeout_max_ticks != 0 ? election_timeout_max_ticks
                                                  : 2 * election_timeout_ticks;
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast({"election_timeout_min_ticks", least},
              {"election_timeout_ticks", election_timeout_ticks}));
  TRIMARAN_RETURN_IF_ERROR(
      AtLeast({"election_timeout_max_ticks", end},
              {"election_timeout_min_ticks + 1", least + 1}));
  if (lease_reads && !check_quorum) {
    return absl::InvalidArgumentError(
        "raft config: lease_reads is set, which needs check_quorum");
  }
  TRIMARAN_RETURN_IF_ERROR(AtLeast({"lease_margin_ticks", lease_margin_ticks},
                                   {"", lease_reads ? 1 : 0}));
  if (lease_reads && lease_margin_ticks >= election_timeout_ticks) {
    return absl::InvalidArgumentError(absl::StrCat(
        "raft config: lease_margin_ticks is ", lease_margin_ticks,
        ", must be below election_timeout_ticks, ", election_timeout_ticks));
  }
  const std::pair<std::string_view, uint64_t> limits[] = {
      {"append_bytes_max", append_bytes_max},
      {"append_entries_max", append_entries_max},
      {"inflight_messages_max", inflight_messages_max},
      {"uncommitted_bytes_max", uncommitted_bytes_max},
      {"apply_bytes_max", apply_bytes_max},
      {"apply_entries_max", apply_entries_max},
      {"pending_reads_max", pending_reads_max},
      {"term_jump_max", term_jump_max},
  };
  for (const auto& [name, value] : limits) {
    TRIMARAN_RETURN_IF_ERROR(Positive(name, value));
  }
  return absl::OkStatus();
}

absl::Status InitialState::Validate() const {
  const absl::Status valid_conf = conf.Validate();
  if (!valid_conf.ok()) return BadState(valid_conf.message());
  if (last > kMaxLogIndex) return BadState("the log ends out of range");
  if ((boundary.index == LogIndex()) != (boundary.term == Term())) {
    return BadState(absl::StrCat("the boundary is entry ",
                                 boundary.index.value(), " of term ",
                                 boundary.term.value()));
  }
  if (boundary.term > hard_state.term) {
    return BadState("the boundary is of a term not reached yet");
  }
  if (applied < boundary.index || applied > last) {
    return BadState(
        absl::StrCat("applied is ", applied.value(), ", outside of the log (",
                     boundary.index.value(), ", ", last.value(), "]"));
  }
  if (hard_state.commit > last) {
    return BadState(absl::StrCat("commit is ", hard_state.commit.value(),
                                 ", but the log ends at ", last.value()));
  }
  TRIMARAN_RETURN_IF_ERROR(ValidateTerms(*this));
  LogIndex before = applied;
  for (const LogIndex index : conf_changes) {
    if (index <= before || index > last) {
      return BadState("a membership change outside of the unapplied log");
    }
    before = index;
  }
  return absl::OkStatus();
}

}  // namespace trimaran::raft
