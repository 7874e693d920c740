#ifndef TRIMARAN_ENGINE_REGION_REWRITER_H_
#define TRIMARAN_ENGINE_REGION_REWRITER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/format/region_state.h"
#include "engine/format/state_summary.h"
#include "engine/kv/transfer.h"

namespace trimaran::engine {

// Passes a state on into an import, with other members: what the state of an
// old group becomes when a new one starts from it.
//
// Thread: the owner of the import.
class RegionRewriter final : public StateImport {
 public:
  RegionRewriter(std::unique_ptr<StateImport> import, RegionState region,
                 GroupId group)
      : import_(std::move(import)),
        region_(std::move(region)),
        summarizer_(group) {}

  uint64_t generation() const override { return import_->generation(); }
  absl::Status CheckRoom(uint64_t bytes, uint64_t free_bytes_min) override {
    return import_->CheckRoom(bytes, free_bytes_min);
  }
  // The record of the members keeps a later epoch than the old group had.
  absl::Status Add(const StateRecord& record) override;
  absl::Status Finish(const LogPosition& position) override {
    return import_->Finish(position);
  }
  void GiveUp() override { import_->GiveUp(); }

  // Of what was passed on.
  StateSummary summary() const { return summarizer_.Finish(); }

 private:
  absl::Status PassOn(std::string_view key, std::string_view value);

  const std::unique_ptr<StateImport> import_;
  const RegionState region_;
  StateSummarizer summarizer_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_REGION_REWRITER_H_
