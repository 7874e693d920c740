#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_VIEW_COMPARISON_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_VIEW_COMPARISON_H_

#include "absl/status/status.h"
#include "engine/base/random.h"
#include "engine/kv/read_view.h"
#include "tests/engine/conformance/entry_maker.h"
#include "tests/support/engine_model/model_state.h"

namespace trimaran::engine {

struct ViewPair {
  ReadView& real;
  ReadView& expected;
};

// Every row of every family of `families`, forwards. Internal says what is not
// the same.
absl::Status CompareAllRows(const ViewPair& views,
                            const std::vector<Family>& families);

// One read at random: single, several, or a walk of an iterator.
absl::Status CompareRead(const ViewPair& views, FamilyId family,
                         EntryMaker& maker, Random& random);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_VIEW_COMPARISON_H_
