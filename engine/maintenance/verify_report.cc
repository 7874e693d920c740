#include "engine/maintenance/verify_report.h"

#include <algorithm>

namespace trimaran::engine {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kDamage:
      break;
  }
  return "damage";
}

void CheckResult::Add(Severity severity, std::string_view where,
                      std::string_view what) {
  damaged_ = damaged_ || severity == Severity::kDamage;
  if (findings_.size() == kFindingsMax) {
    ++not_kept_;
    return;
  }
  findings_.push_back({severity, std::string(where), std::string(what)});
}

bool VerifyReport::damaged() const {
  return std::any_of(checks.begin(), checks.end(),
                     [](const CheckResult& check) { return check.damaged(); });
}

const CheckResult* VerifyReport::Find(std::string_view name) const {
  for (const CheckResult& check : checks) {
    if (check.name() == name) return &check;
  }
  return nullptr;
}

}  // namespace trimaran::engine
