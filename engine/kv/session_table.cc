#include "engine/kv/session_table.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/mutant.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

// A command of a session cannot open one and so make room at the expense of its
// own session: that has been used by this entry, and an entry cannot have used
// all the others as well.
static_assert(kEntryCommandsMax < kSessionsMax);

// What a record spends on an answer beside the count above: tags, numbers, and
// the lengths of values that are not empty.
constexpr size_t kAnswerOverheadBytes = 256;
// A session can always be sent in a snapshot.
static_assert(kSessionAnswersMax *
                  (kSessionReadBytesMax + kAnswerOverheadBytes) <=
              kValueBytesMax);

// One session is never too much by itself: reads of nothing count most.
static_assert(kSessionAnswersMax *
                  (kKeptAnswerBytes +
                   kSessionReadBytesMax / kReadOverheadBytes * kKeptReadBytes) <
              kKeptBytesMax);
static_assert(kKeptReadBytes >= sizeof(std::optional<std::string>));

// How long the queue may grow beyond twice the sessions, so that a few sessions
// do not have it made anew all the time.
constexpr size_t kQueueSlack = 64;

CommandResult Refusal(absl::Status status, LogIndex entry) {
  CommandResult result;
  result.status = std::move(status);
  result.index = entry;
  return result;
}

// Without the reads, if they are too long to be kept, and without the text of a
// refusal, which another version may put differently.
CommandResult ForKeeping(const CommandResult& answer) {
  CommandResult kept;
  kept.status = absl::Status(answer.status.code(), "");
  kept.succeeded = answer.succeeded;
  kept.index = answer.index;
  kept.value = answer.value;
  kept.reads_dropped =
      answer.reads_dropped || ReadBytes(answer) > kSessionReadBytesMax;
  if (!kept.reads_dropped) kept.reads = answer.reads;
  return kept;
}

}  // namespace

SessionId SessionTable::Open(LogIndex entry) {
  if (sessions_.size() >= kSessionsMax) EvictOldest(SessionId());
  last_id_ = SessionId(last_id_.value() + 1);
  const auto [place, inserted] = sessions_.try_emplace(last_id_);
  TRIMARAN_CHECK(inserted) << "session " << last_id_;
  place->second.session.id = last_id_;
  place->second.session.last_used = entry;
  MarkChanged(place->second);
  Enqueue({entry, last_id_});
  return last_id_;
}

void SessionTable::Close(SessionId id) {
  const auto place = sessions_.find(id);
  if (place == sessions_.end()) return;
  MarkChanged(place->second);
  kept_bytes_ -= place->second.kept_bytes;
  sessions_.erase(place);
}

std::optional<CommandResult> SessionTable::Admit(const SessionStamp& stamp,
                                                 LogIndex entry) {
  const auto place = sessions_.find(stamp.session);
  if (place == sessions_.end()) {
    return Refusal(
        absl::FailedPreconditionError(absl::StrCat(
            "session expired: there is no session ", stamp.session.value())),
        entry);
  }
  MarkChanged(place->second);
  SessionRecord& session = place->second.session;
  session.last_used = entry;
  session.first_unanswered =
      std::max(session.first_unanswered, stamp.first_unanswered);
  Forget(place->second, session.answers.begin(),
         session.answers.lower_bound(session.first_unanswered));

  if (stamp.sequence < session.first_unanswered) {
    return Refusal(
        absl::FailedPreconditionError(absl::StrCat(
            "already answered: session ", stamp.session.value(),
            " has forgotten sequence ", stamp.sequence,
            ", the first that it keeps is ", session.first_unanswered)),
        entry);
  }
  const auto answer = session.answers.find(stamp.sequence);
  const bool known = answer != session.answers.end();
  if (known && MutantActive(Mutant::kRepeatedCommandDoneAgain)) {
    Forget(place->second, answer, std::next(answer));
  } else if (known) {
    CommandResult result = answer->second;
    result.repeated = true;
    if (!result.status.ok()) {
      result.status =
          absl::Status(result.status.code(),
                       absl::StrCat("refused by entry ", result.index.value(),
                                    " already, as sequence ", stamp.sequence,
                                    " of session ", stamp.session.value()));
    }
    return result;
  }
  if (session.answers.size() >= kSessionAnswersMax) {
    return Refusal(
        absl::ResourceExhaustedError(absl::StrCat(
            "session ", stamp.session.value(), " has ", kSessionAnswersMax,
            " answers that it may not forget, the most it can")),
        entry);
  }
  return std::nullopt;
}

void SessionTable::Keep(const SessionStamp& stamp,
                        const CommandResult& answer) {
  const auto place = sessions_.find(stamp.session);
  TRIMARAN_CHECK(place != sessions_.end()) << "session " << stamp.session;
  const auto [kept, inserted] = place->second.session.answers.try_emplace(
      stamp.sequence, ForKeeping(answer));
  TRIMARAN_CHECK(inserted) << "session " << stamp.session << " sequence "
                           << stamp.sequence;
  const size_t bytes = KeptBytes(kept->second);
  place->second.kept_bytes += bytes;
  kept_bytes_ += bytes;
  while (kept_bytes_ > kKeptBytesMax) EvictOldest(stamp.session);
}

void SessionTable::Forget(Slot& slot, Answers::iterator first,
                          Answers::iterator end) {
  for (auto answer = first; answer != end; ++answer) {
    const size_t bytes = KeptBytes(answer->second);
    slot.kept_bytes -= bytes;
    kept_bytes_ -= bytes;
  }
  slot.session.answers.erase(first, end);
}

const SessionRecord* SessionTable::Find(SessionId id) const {
  const auto place = sessions_.find(id);
  return place == sessions_.end() ? nullptr : &place->second.session;
}

void SessionTable::ForgetChanges() {
  for (const SessionId id : changed_) {
    const auto place = sessions_.find(id);
    if (place != sessions_.end()) place->second.changed = false;
  }
  changed_.clear();
}

void SessionTable::Restore(SessionRecord session) {
  if (MutantActive(Mutant::kSessionTimeLocal)) session.last_used = LogIndex();
  const Place place{session.last_used, session.id};
  size_t bytes = 0;
  for (const auto& [sequence, answer] : session.answers) {
    bytes += KeptBytes(answer);
  }
  kept_bytes_ += bytes;
  const bool inserted =
      sessions_.try_emplace(place.id, Slot{std::move(session), bytes}).second;
  TRIMARAN_CHECK(inserted) << "session " << place.id;
  Enqueue(place);
}

void SessionTable::MarkChanged(Slot& slot) {
  if (std::exchange(slot.changed, true)) return;
  changed_.push_back(slot.session.id);
}

void SessionTable::Enqueue(Place place) {
  // Closed sessions leave their places behind, which nobody else would remove
  // while there is room.
  if (queue_.size() >= 2 * sessions_.size() + kQueueSlack) {
    queue_.clear();
    for (const auto& [id, slot] : sessions_) {
      queue_.push_back({slot.session.last_used, id});
    }
    std::make_heap(queue_.begin(), queue_.end(), std::greater<>());
    return;
  }
  queue_.push_back(place);
  std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
}

void SessionTable::EvictOldest(SessionId spared) {
  bool met_spared = false;
  while (true) {
    TRIMARAN_CHECK(!queue_.empty()) << sessions_.size() << " sessions";
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    const Place oldest = queue_.back();
    queue_.pop_back();
    const SessionRecord* session = Find(oldest.id);
    // Closed, or here by a second place.
    if (session == nullptr) continue;
    if (oldest.id == spared) {
      met_spared = true;
      continue;
    }
    if (session->last_used == oldest.last_used) {
      Close(oldest.id);
      break;
    }
    Enqueue({session->last_used, oldest.id});
  }
  if (met_spared) Enqueue({Find(spared)->last_used, spared});
}

}  // namespace trimaran::engine
