#include "engine/base/conf_state.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace trimaran {
namespace {

bool Has(const std::vector<ReplicaId>& ids, ReplicaId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool Intersects(const std::vector<ReplicaId>& a,
                const std::vector<ReplicaId>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&b](ReplicaId id) { return Has(b, id); });
}

bool IsCanonical(const std::vector<ReplicaId>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == kNoReplica) return false;
    if (i > 0 && ids[i] <= ids[i - 1]) return false;
  }
  return true;
}

void AppendList(const char* name, const std::vector<ReplicaId>& ids,
                std::string& out) {
  if (ids.empty()) return;
  if (!out.empty()) out += ' ';
  absl::StrAppend(&out, name, "=(");
  for (size_t i = 0; i < ids.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : " ", ids[i].value());
  }
  out += ')';
}

}  // namespace

bool ConfState::IsOnlyVoter(ReplicaId id) const {
  return voters.size() == 1 && voters.front() == id && !joint();
}

bool ConfState::IsOnlyMember(ReplicaId id) const {
  return IsOnlyVoter(id) && learners.empty();
}

bool ConfState::Contains(ReplicaId id) const {
  return Has(voters, id) || Has(voters_outgoing, id) || Has(learners, id);
}

absl::Status ConfState::Validate() const {
  for (const auto* list :
       {&voters, &voters_outgoing, &learners, &learners_next}) {
    if (!IsCanonical(*list)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "configuration lists must be sorted, unique and without 0: ",
          DebugString()));
    }
  }
  if (Intersects(learners, voters) || Intersects(learners, voters_outgoing)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a learner is also a voter: ", DebugString()));
  }
  for (const ReplicaId id : learners_next) {
    if (!Has(voters_outgoing, id) || Has(voters, id)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a next learner is not an outgoing voter only: ", DebugString()));
    }
  }
  if (!joint() && auto_leave) {
    return absl::InvalidArgumentError(absl::StrCat(
        "auto-leave outside a joint configuration: ", DebugString()));
  }
  if (voters.empty() && (joint() || !learners.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat("a configuration without voters: ", DebugString()));
  }
  return absl::OkStatus();
}

std::string ConfState::DebugString() const {
  std::string out;
  AppendList("voters", voters, out);
  AppendList("outgoing", voters_outgoing, out);
  AppendList("learners", learners, out);
  AppendList("learners-next", learners_next, out);
  if (auto_leave) absl::StrAppend(&out, out.empty() ? "" : " ", "auto-leave");
  return out.empty() ? "empty" : out;
}

}  // namespace trimaran
