#include "tools/trimaran/survivor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "tools/trimaran/describe.h"

namespace trimaran::tool {
namespace {

uint64_t Count(LogIndex after, LogIndex last) {
  return last > after ? last - after : 0;
}

// "1 entry", "2 entries".
std::string Entries(uint64_t count) {
  return absl::StrCat(count, count == 1 ? " entry" : " entries");
}

}  // namespace

absl::StatusOr<Survivor> LookAtSurvivor(std::string_view path,
                                        ProgressBar& progress,
                                        Environment& environment) {
  Survivor survivor;
  TRIMARAN_ASSIGN_OR_RETURN(survivor.look, LookAtStore(path, environment));
  TRIMARAN_ASSIGN_OR_RETURN(const engine::Verification verification,
                            VerifyAll(*survivor.look, progress));
  absl::StatusOr<engine::StoredParts> parts =
      engine::OpenStoredParts(survivor.look->stored);
  const std::string damage = parts.ok()
                                 ? DataDamageButOwed(verification, *parts)
                                 : DataDamage(verification);
  if (!damage.empty()) {
    return CorruptionError(absl::StrCat(
        survivor.look->path(), " is damaged: ", damage,
        "; `trimaran verify` says more. To go on without it, leave it out: "
        "what only it holds is lost then"));
  }
  TRIMARAN_RETURN_IF_ERROR(parts.status());
  survivor.parts = *std::move(parts);
  survivor.state = *verification.digest;
  survivor.owed = survivor.parts.Judge().owed;
  TRIMARAN_ASSIGN_OR_RETURN(survivor.committed,
                            engine::FindCommitted(survivor.parts, ChangeConf));
  TRIMARAN_ASSIGN_OR_RETURN(survivor.confs,
                            engine::ConfsFrom(survivor.parts, ChangeConf));
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::string region,
      RecordAt(survivor.parts, engine::KeyOf(engine::RegionStateKey{
                                   survivor.identity().group})));
  TRIMARAN_ASSIGN_OR_RETURN(engine::RegionRecord record,
                            engine::DecodeRegion(region));
  survivor.conf_has_changed = record.region.epoch.conf_version > 1;
  survivor.members = std::move(record.region.members);
  return survivor;
}

Record DescribeSurvivor(const Survivor& survivor, const Agreement& agreement) {
  const engine::LogState log = survivor.log();
  Record record("survivor");
  record.Bytes("directory", survivor.look->path())
      .Text("cluster", survivor.identity().cluster.ToString())
      .Number("replica", survivor.identity().replica.value())
      .Text("store", HexNumber(survivor.identity().store.value()))
      .Number("term", log.hard_state.term.value())
      .Number("vote", log.hard_state.vote.value())
      .Number("first_index", log.boundary.id.index.value() + 1)
      .Number("last_index", log.last.id.index.value())
      .Number("last_term", log.last.id.term.value())
      .Number("committed", survivor.committed.value())
      .Number("applied", survivor.state.position.id.index.value())
      .Text("chain", HexNumber(survivor.state.position.chain.value))
      .Text("state_hash", ToString(survivor.state.summary.hash))
      .Text("members", survivor.confs.back().DebugString());
  if (survivor.owed.has_value()) {
    record.Number("has_lost_entries_up_to", survivor.owed->index.value());
  }
  if (agreement.last_common.has_value()) {
    record.Number("agrees_up_to", agreement.last_common->value());
  }
  return record.Number("dropped", agreement.dropped);
}

Record DescribePlan(absl::Span<const Survivor> survivors,
                    const RecoveryPlan& plan) {
  Record record("plan");
  record
      .Number("chosen_replica",
              survivors[plan.chosen].identity().replica.value())
      .Number("certain", plan.certain.value())
      .Number("last_index", plan.last.index.value())
      .Number("last_term", plan.last.term.value())
      .Number("undecided", Count(plan.certain, plan.last.index))
      .Flag("quorum", plan.quorum)
      .Flag("complete", plan.complete)
      .Text("token", plan.token);
  return record;
}

std::vector<std::string> ExplainPlan(absl::Span<const Survivor> survivors,
                                     const RecoveryPlan& plan) {
  std::vector<std::string> lines;
  const Survivor& chosen = survivors[plan.chosen];
  lines.push_back(absl::StrCat("The new cluster begins with what replica ",
                               chosen.identity().replica.value(),
                               " holds, up to entry ", plan.last.index.value(),
                               "."));
  lines.push_back(absl::StrCat("Kept: everything up to entry ",
                               plan.certain.value(),
                               ", which was certainly committed."));
  const uint64_t undecided = Count(plan.certain, plan.last.index);
  if (undecided > 0) {
    lines.push_back(absl::StrCat(
        "Made final: ", Entries(undecided),
        " behind it. Nobody here knows whether that was\n"
        "    committed. Writes whose outcome their clients do not know, or "
        "believe to have\n    failed, may come back with them."));
  }
  lines.emplace_back(
      plan.complete
          ? "Lost: nothing that was acknowledged, if these are the "
            "directories as they last\n    were, and no older copies of them. "
            "Of every quorum somebody is here."
          : "Lost, perhaps: writes that were acknowledged and that none of the "
            "survivors has.\n    Nobody can tell whether there are any.");
  for (size_t i = 0; i < survivors.size(); ++i) {
    if (plan.agreements[i].dropped == 0) continue;
    lines.push_back(
        absl::StrCat("Dropped: the last ", Entries(plan.agreements[i].dropped),
                     " of replica ", survivors[i].identity().replica.value(),
                     ", never committed."));
  }
  for (const Survivor& survivor : survivors) {
    if (!survivor.owed.has_value()) continue;
    lines.push_back(
        absl::StrCat("Replica ", survivor.identity().replica.value(),
                     " has lost entries that it had acknowledged, up to entry ",
                     survivor.owed->index.value(), "."));
  }
  if (plan.quorum) {
    lines.emplace_back(
        "These are enough members for a quorum: start them as they are, and "
        "replace the\n    others (Admin::Replace). There is no need to "
        "recover.");
  }
  return lines;
}

}  // namespace trimaran::tool
