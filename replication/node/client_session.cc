#include "replication/node/client_session.h"

#include "engine/base/check.h"
#include "engine/format/limits.h"

namespace trimaran {

void ClientSession::Opened(engine::SessionId id) {
  TRIMARAN_CHECK(stage_ == Stage::kOpening);
  stage_ = Stage::kOpen;
  id_ = id;
  first_unanswered_ = 1;
  answered_.clear();
}

void ClientSession::Lost() {
  stage_ = Stage::kNone;
  id_ = engine::SessionId();
}

bool ClientSession::has_room() const {
  TRIMARAN_CHECK(stage_ == Stage::kOpen);
  return answered_.size() < engine::kSessionAnswersMax;
}

uint64_t ClientSession::NextSequence() {
  TRIMARAN_CHECK(has_room());
  answered_.push_back(false);
  return first_unanswered_ + answered_.size() - 1;
}

engine::SessionStamp ClientSession::StampOf(uint64_t sequence) const {
  TRIMARAN_CHECK_GE(sequence, first_unanswered_);
  TRIMARAN_CHECK_LT(sequence, first_unanswered_ + answered_.size());
  return {.session = id_,
          .sequence = sequence,
          .first_unanswered = first_unanswered_};
}

void ClientSession::Answered(engine::SessionId id, uint64_t sequence) {
  if (stage_ != Stage::kOpen || id != id_ || sequence < first_unanswered_) {
    return;
  }
  TRIMARAN_CHECK_LT(sequence, first_unanswered_ + answered_.size());
  answered_[sequence - first_unanswered_] = true;
  while (!answered_.empty() && answered_.front()) {
    answered_.pop_front();
    ++first_unanswered_;
  }
}

}  // namespace trimaran
