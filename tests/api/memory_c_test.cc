// As out_of_memory_test.cc, for the interface for C: a call that lacks memory
// says so with an error that needs none, and the next one works.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/api/memory_story.h"
#include "tests/api/test_directory.h"
#include "tests/support/node/blocking.h"
#include "trimaran/c.h"

namespace trimaran {
namespace {

constexpr std::string_view kValue =
    "a value that is longer than what a string holds by itself";

// What a call in C has come to.
struct Result {
  trimaran_code code = TRIMARAN_OK;
  std::string text;
};

Result Told(trimaran_code code, trimaran_error* error) {
  Result result{.code = code, .text = trimaran_error_message(error)};
  EXPECT_EQ(trimaran_error_code(error), code);
  trimaran_error_free(error);
  return result;
}

// A place for the answer of a callback.
struct Heard {
  std::atomic<trimaran_code> code = TRIMARAN_OK;
  std::atomic<int> count = 0;
};

struct CBoard : MemoryBoard {
  // Calls that have said that there was no memory.
  std::atomic<uint64_t> refused = 0;
};

class MemoryInCTest : public testing::Test {
 protected:
  using CCall = std::function<trimaran_code(trimaran_db*, trimaran_error**)>;

  static constexpr uint64_t kDense = 1000;

  trimaran_db* OpenStore() {
    trimaran_db* db = nullptr;
    trimaran_error* error = nullptr;
    const trimaran_code code =
        trimaran_open(nullptr, directory_.path().c_str(), &db, &error);
    EXPECT_EQ(Told(code, error).code, TRIMARAN_OK);
    return db;
  }

  // Makes `call` with each of its allocations failing.
  void Exhaust(const CCall& call) {
    LiveUntilItSucceeds(*board_, kDense, [&] { Live(call); });
    EXPECT_GT(board_->refused, 0u);
  }

  std::string key() const { return absl::StrCat("key ", board_->nth.load()); }

  TestDirectory directory_;
  Shared<CBoard> board_;

 private:
  void Live(const CCall& call) {
    trimaran_db* const db = OpenStore();
    for (bool failed = true; failed && !HasFailure(); ++board_->nth) {
      trimaran_error* error = nullptr;
      trimaran_code code = TRIMARAN_OK;
      bool thrown = false;
      failed = CallWithoutMemory(*board_, Lack::kOnce, thrown,
                                 [&] { code = call(db, &error); });
      EXPECT_FALSE(thrown);
      const bool unknown =
          trimaran_error_outcome(error) == TRIMARAN_OUTCOME_UNKNOWN;
      const Result told = Told(code, error);
      if (code != TRIMARAN_OK) {
        EXPECT_EQ(code, TRIMARAN_RESOURCE_EXHAUSTED) << told.text;
        EXPECT_EQ(told.text, "out of memory");
        EXPECT_TRUE(unknown);
        ++board_->refused;
      }
      const trimaran_code again = call(db, &error);
      EXPECT_EQ(Told(again, error).code, TRIMARAN_OK);
    }
    EXPECT_EQ(trimaran_close(db, nullptr), TRIMARAN_OK);
    trimaran_db_free(db);
  }
};

trimaran_code PutRow(trimaran_db* db, const std::string& key,
                     trimaran_error** error) {
  trimaran_place place;
  return trimaran_put(db, TRIMARAN_DEFAULT_FAMILY, key.data(), key.size(),
                      kValue.data(), kValue.size(), nullptr, &place, error);
}

TEST_F(MemoryInCTest, Put) {
  Exhaust([this](trimaran_db* db, trimaran_error** error) {
    return PutRow(db, key(), error);
  });
}

TEST_F(MemoryInCTest, Get) {
  trimaran_db* made = nullptr;
  EXPECT_EQ(trimaran_open(nullptr, directory_.path().c_str(), &made, nullptr),
            TRIMARAN_OK);
  EXPECT_EQ(PutRow(made, "row", nullptr), TRIMARAN_OK);
  trimaran_db_free(made);
  Exhaust([](trimaran_db* db, trimaran_error** error) {
    void* value = nullptr;
    size_t size = 0;
    const trimaran_code code = trimaran_get(db, TRIMARAN_DEFAULT_FAMILY, "row",
                                            3, nullptr, &value, &size, error);
    if (code == TRIMARAN_OK) {
      EXPECT_EQ(std::string_view(static_cast<char*>(value), size), kValue);
    } else {
      EXPECT_EQ(value, nullptr);
    }
    trimaran_free(value);
    return code;
  });
}

TEST_F(MemoryInCTest, Scan) {
  Exhaust([](trimaran_db* db, trimaran_error** error) {
    trimaran_iterator* rows = nullptr;
    trimaran_range* const all = trimaran_range_all();
    // It says so, being NULL.
    trimaran_code code = TRIMARAN_OK;
    if (all != nullptr) code = trimaran_scan(db, all, nullptr, &rows, error);
    trimaran_range_free(all);
    EXPECT_EQ(rows != nullptr, code == TRIMARAN_OK && all != nullptr);
    trimaran_iterator_free(rows);
    return code;
  });
}

TEST_F(MemoryInCTest, WriteWithACallbackIsAnsweredOnce) {
  Exhaust([this](trimaran_db* db, trimaran_error** error) {
    Heard heard;
    const std::string row = key();
    trimaran_batch* const batch = trimaran_batch_create();
    trimaran_batch_put(batch, TRIMARAN_DEFAULT_FAMILY, row.data(), row.size(),
                       kValue.data(), kValue.size());
    trimaran_write_async(
        db, batch, nullptr,
        [](void* context, const trimaran_place* place,
           const trimaran_error* problem) {
          auto& to = *static_cast<Heard*>(context);
          EXPECT_EQ(place == nullptr, problem != nullptr);
          to.code = trimaran_error_code(problem);
          ++to.count;
        },
        &heard);
    EXPECT_TRUE(Eventually([&heard] { return heard.count > 0; }));
    // Behind it.
    const trimaran_code code = PutRow(db, "after", error);
    EXPECT_EQ(heard.count, 1);
    // A batch that there was no memory for is NULL.
    const bool none = batch == nullptr;
    EXPECT_TRUE(heard.code == TRIMARAN_OK ||
                heard.code == TRIMARAN_RESOURCE_EXHAUSTED ||
                (none && heard.code == TRIMARAN_INVALID_ARGUMENT))
        << heard.code;
    trimaran_batch_free(batch);
    return code;
  });
}

}  // namespace
}  // namespace trimaran
