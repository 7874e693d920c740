// Of survivor.h, what compares survivors.

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "tools/trimaran/escape.h"
#include "tools/trimaran/exit_code.h"
#include "tools/trimaran/survivor.h"

namespace trimaran::tool {
namespace {

std::string NameOf(const Survivor& survivor) {
  return absl::StrCat("replica ", survivor.identity().replica.value(), " (",
                      survivor.look->path(), ")");
}

// A directory that was founded anew, where the one that the group knows was
// lost, holds nothing that its member has acknowledged.
absl::Status CheckBinding(const Survivor& survivor, const Survivor& witness) {
  const auto member = witness.members.find(survivor.identity().replica);
  if (member == witness.members.end() || member->second.store == StoreId() ||
      member->second.store == survivor.identity().store) {
    return absl::OkStatus();
  }
  return RefusedError(absl::StrCat(
      NameOf(survivor),
      " is not the directory that the group knows for this "
      "member, as ",
      NameOf(witness),
      " says: it was made anew, and what the member had is lost; leave it "
      "out"));
}

absl::Status CheckPair(const Survivor& survivor, const Survivor& other) {
  TRIMARAN_RETURN_IF_ERROR(CheckBinding(survivor, other));
  if (&other == &survivor ||
      survivor.identity().replica != other.identity().replica) {
    return absl::OkStatus();
  }
  return RefusedError(absl::StrCat(NameOf(survivor), " and ", NameOf(other),
                                   " are of one member; give one of them"));
}

absl::Status CheckSameGroup(const Survivor& survivor, const Survivor& first) {
  const engine::StoreIdentity& one = survivor.identity();
  const engine::StoreIdentity& other = first.identity();
  if (one.cluster == other.cluster && one.group == other.group) {
    return absl::OkStatus();
  }
  return RefusedError(absl::StrCat(
      NameOf(survivor), " is of cluster ", one.cluster.ToString(), ", and ",
      NameOf(first), " of cluster ", other.cluster.ToString()));
}

absl::Status CheckOneGroup(absl::Span<const Survivor> survivors) {
  for (const Survivor& survivor : survivors) {
    TRIMARAN_RETURN_IF_ERROR(CheckSameGroup(survivor, survivors.front()));
    for (const Survivor& other : survivors) {
      const absl::Status fits = CheckPair(survivor, other);
      if (!fits.ok()) return fits;
    }
  }
  return absl::OkStatus();
}

// The last entry that both logs have. What they hold before an entry of the
// same chain is the same.
absl::StatusOr<std::optional<LogIndex>> LastCommon(const Survivor& a,
                                                   const Survivor& b) {
  const engine::LogState of_a = a.log();
  const engine::LogState of_b = b.log();
  LogIndex low = std::max(of_a.boundary.id.index, of_b.boundary.id.index);
  LogIndex high = std::min(of_a.last.id.index, of_b.last.id.index);
  const auto same = [&](LogIndex index) -> absl::StatusOr<bool> {
    TRIMARAN_ASSIGN_OR_RETURN(const auto chain_a, a.parts.log->ChainAt(index));
    TRIMARAN_ASSIGN_OR_RETURN(const auto chain_b, b.parts.log->ChainAt(index));
    return chain_a == chain_b;
  };
  if (high < low) return std::nullopt;
  TRIMARAN_ASSIGN_OR_RETURN(const bool any, same(low));
  if (!any) return std::nullopt;
  // The same at `low`, and behind `high` no more.
  while (low < high) {
    const LogIndex middle = high - (high - low) / 2;
    TRIMARAN_ASSIGN_OR_RETURN(const bool still, same(middle));
    if (still) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Whether the chosen log does not have what `survivor` knows to be committed.
// Where they have no entry in common, either this one ends before the other
// begins; or it differs from what the other has committed, or begins behind its
// end, both of which no member ever comes to.
bool Contradicts(const Survivor& survivor, const Survivor& chosen,
                 const Agreement& agreement) {
  if (agreement.last_common.has_value()) {
    return survivor.committed > *agreement.last_common;
  }
  return survivor.committed >= chosen.log().boundary.id.index;
}

// Those that are certainly not in the chosen log.
uint64_t CountDropped(const Survivor& survivor, const Survivor& chosen,
                      const Agreement& agreement) {
  const LogIndex last = survivor.log().last.id.index;
  if (agreement.last_common.has_value()) return last - *agreement.last_common;
  const LogIndex begin = chosen.log().boundary.id.index;
  return last < begin ? 0 : last - begin + 1;
}

absl::StatusOr<Agreement> Compare(const Survivor& survivor,
                                  const Survivor& chosen) {
  Agreement agreement;
  TRIMARAN_ASSIGN_OR_RETURN(agreement.last_common,
                            LastCommon(survivor, chosen));
  if (Contradicts(survivor, chosen, agreement)) {
    return CorruptionError(absl::StrCat(
        NameOf(survivor), " knows entry ", survivor.committed.value(),
        " to be committed, and ", NameOf(chosen),
        ", which an election would prefer, does not have it. One of them has "
        "lost something, or is no copy of a member of this group; leave it "
        "out"));
  }
  agreement.dropped = CountDropped(survivor, chosen, agreement);
  return agreement;
}

// How many of these voters are here, and have lost nothing.
size_t Present(const std::vector<ReplicaId>& voters,
               absl::Span<const Survivor> survivors) {
  return static_cast<size_t>(
      std::count_if(survivors.begin(), survivors.end(), [&](const auto& one) {
        return !one.owed.has_value() &&
               std::find(voters.begin(), voters.end(),
                         one.identity().replica) != voters.end();
      }));
}

// Whether every majority of these voters has somebody among the survivors.
bool MeetsAll(const std::vector<ReplicaId>& voters,
              absl::Span<const Survivor> survivors) {
  const size_t majority = voters.size() / 2 + 1;
  return !voters.empty() &&
         Present(voters, survivors) + majority > voters.size();
}

bool IsMajority(const std::vector<ReplicaId>& voters,
                absl::Span<const Survivor> survivors) {
  return Present(voters, survivors) >= voters.size() / 2 + 1;
}

void JudgeQuorums(absl::Span<const Survivor> survivors, RecoveryPlan& plan) {
  plan.quorum = true;
  // The entries right behind a change of one voter may have been committed by
  // the voters before it, whom nobody knows any more. A majority meets theirs.
  const Survivor& chosen = survivors[plan.chosen];
  const ConfState& first = chosen.confs.front();
  plan.complete = !chosen.conf_has_changed || first.joint() ||
                  IsMajority(first.voters, survivors);
  // A write was acknowledged by a majority of each half of one of these; or, if
  // the change was committed and not applied where it was acknowledged, of the
  // half that is left.
  for (const ConfState& conf : chosen.confs) {
    const bool meets =
        MeetsAll(conf.voters, survivors) &&
        (!conf.joint() || MeetsAll(conf.voters_outgoing, survivors));
    plan.complete = plan.complete && meets;
    plan.quorum =
        plan.quorum && IsMajority(conf.voters, survivors) &&
        (!conf.joint() || IsMajority(conf.voters_outgoing, survivors));
  }
}

// Everything about a survivor that a change of it would change.
std::string Fingerprint(const Survivor& survivor) {
  const engine::LogState log = survivor.log();
  const EntryId owed = survivor.owed.value_or(EntryId());
  return absl::StrCat(
      survivor.identity().replica.value(), " ",
      survivor.identity().store.value(), " ", log.hard_state.term.value(), " ",
      log.hard_state.vote.value(), " ", log.hard_state.commit.value(), " ",
      log.boundary.id.index.value(), " ", log.last.id.index.value(), " ",
      log.last.id.term.value(), " ", log.last.chain.value, " ", log.generation,
      " ", survivor.state.position.id.index.value(), " ",
      ToString(survivor.state.summary.hash), " ", owed.index.value(), "\n");
}

absl::StatusOr<std::string> MakeToken(absl::Span<const Survivor> survivors,
                                      size_t chosen, ClusterId successor) {
  std::vector<std::string> lines;
  for (const Survivor& survivor : survivors) {
    lines.push_back(Fingerprint(survivor));
  }
  // They may be named in any order.
  std::sort(lines.begin(), lines.end());
  const std::string text = absl::StrCat(
      "recover 1\n", survivors[chosen].identity().cluster.ToString(), " to ",
      successor.ToString(), "\n", absl::StrJoin(lines, ""), "chosen ",
      survivors[chosen].identity().replica.value(), "\n");
  std::array<unsigned char, 32> digest = {};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(),
                 nullptr) != 1) {
    return absl::InternalError("SHA-256 is not available");
  }
  // Enough against mistakes, and short enough to be typed.
  constexpr size_t token_bytes = 8;
  return Hex(std::string(digest.begin(), digest.begin() + token_bytes));
}

}  // namespace

absl::StatusOr<RecoveryPlan> PlanRecovery(absl::Span<const Survivor> survivors,
                                          ClusterId successor) {
  TRIMARAN_RETURN_IF_ERROR(CheckOneGroup(survivors));
  if (survivors.front().identity().cluster == successor) {
    return absl::InvalidArgumentError(
        "--cluster: that is the old cluster; what is made must be a cluster "
        "of its own");
  }
  RecoveryPlan plan;
  for (size_t i = 0; i < survivors.size(); ++i) {
    const EntryId last = survivors[i].log().last.id;
    const EntryId best = survivors[plan.chosen].log().last.id;
    if (std::pair(last.term, last.index) > std::pair(best.term, best.index)) {
      plan.chosen = i;
    }
    plan.certain = std::max(plan.certain, survivors[i].committed);
  }
  const Survivor& chosen = survivors[plan.chosen];
  plan.last = chosen.log().last.id;
  if (plan.last == EntryId()) {
    return RefusedError("none of them has ever held anything of the group");
  }
  for (const Survivor& survivor : survivors) {
    TRIMARAN_ASSIGN_OR_RETURN(plan.agreements.emplace_back(),
                              Compare(survivor, chosen));
  }
  JudgeQuorums(survivors, plan);
  TRIMARAN_ASSIGN_OR_RETURN(plan.token,
                            MakeToken(survivors, plan.chosen, successor));
  return plan;
}

}  // namespace trimaran::tool
