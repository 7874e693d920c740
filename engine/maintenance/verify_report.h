#ifndef TRIMARAN_ENGINE_MAINTENANCE_VERIFY_REPORT_H_
#define TRIMARAN_ENGINE_MAINTENANCE_VERIFY_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace trimaran::engine {

// What a verification has found out.

enum class Severity : uint8_t {
  // Worth knowing; a crash leaves such things behind, and opening mends them.
  kNote,
  // The store works, and something that guards it does not.
  kWarning,
  // What was stored is not what is there.
  kDamage,
};
// "note", "warning", "damage".
std::string_view SeverityName(Severity severity);

struct Finding {
  Severity severity = Severity::kDamage;
  // A file, a key, an entry.
  std::string where;
  std::string what;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// One check: what it looked at, and what was wrong with it.
//
// Thread: owner.
class CheckResult {
 public:
  // More findings than this are counted only: a torn table is wrong in every
  // row.
  static constexpr size_t kFindingsMax = 100;

  explicit CheckResult(std::string_view name) : name_(name) {}

  void Note(std::string_view where, std::string_view what) {
    Add(Severity::kNote, where, what);
  }
  void Warn(std::string_view where, std::string_view what) {
    Add(Severity::kWarning, where, what);
  }
  void Damage(std::string_view where, std::string_view what) {
    Add(Severity::kDamage, where, what);
  }
  // An error that ended the check.
  void Fail(std::string_view where, const absl::Status& error) {
    Add(Severity::kDamage, where,
        {error.message().data(), error.message().size()});
  }
  void CountExamined(uint64_t count) { examined_ += count; }
  // What was examined, in words; not part of any contract.
  void Summarize(std::string_view text) { summary_ = text; }
  // The check was not made.
  void Skip(std::string_view why) { skipped_because_ = why; }

  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  const std::string& skipped_because() const { return skipped_because_; }
  bool skipped() const { return !skipped_because_.empty(); }
  uint64_t examined() const { return examined_; }
  const std::vector<Finding>& findings() const { return findings_; }
  uint64_t findings_not_kept() const { return not_kept_; }
  bool damaged() const { return damaged_; }

 private:
  void Add(Severity severity, std::string_view where, std::string_view what);

  std::string name_;
  std::string summary_;
  std::string skipped_because_;
  uint64_t examined_ = 0;
  std::vector<Finding> findings_;
  uint64_t not_kept_ = 0;
  bool damaged_ = false;
};

// In the order in which they were made.
struct VerifyReport {
  // The checks do not move when another is added.
  std::deque<CheckResult> checks;

  bool damaged() const;
  // Null if there was no check of this name.
  const CheckResult* Find(std::string_view name) const;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_VERIFY_REPORT_H_
