#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_ENTRY_MAKER_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_ENTRY_MAKER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/format/command.h"
#include "engine/kv/state_machine.h"
#include "tests/support/engine_model/model_state.h"

namespace trimaran::engine {

// Makes entries for a state machine at random: few keys, families and sessions,
// so that commands meet each other, and some that must be refused.
//
// Thread: owner.
class EntryMaker {
 public:
  explicit EntryMaker(Random& random) : random_(random) {}

  // Entries that follow `state`, which tells what there is to be hit.
  std::vector<CommittedEntry> Batch(const ModelState& state);

  // Also one that no row has.
  std::string_view Key();
  FamilyId Family(const ModelState& state);

 private:
  CommittedEntry Entry(EntryId id, const ModelState& state);
  std::string Payload(EntryId id, const ModelState& state);
  CommandBody Body(EntryId id, const ModelState& state);
  WriteCommand Write(const ModelState& state);
  Operation AnyOperation(const ModelState& state);
  Compare AnyCompare(const ModelState& state);
  SessionStamp Stamp(const ModelState& state);
  SessionId Session(const ModelState& state);
  ConfState Configuration();
  std::string_view Value();
  std::string_view Keep(std::string text);

  Random& random_;
  // What the commands of one entry point to.
  std::deque<std::string> texts_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_ENTRY_MAKER_H_
