#ifndef TRIMARAN_BENCH_RAW_CURSOR_H_
#define TRIMARAN_BENCH_RAW_CURSOR_H_

#include <wiredtiger.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/raw_items.h"
#include "bench/state_fixture.h"
#include "engine/wt/config.h"

// What the engine is compared with: the same work by WiredTiger's own calls, as
// its manual shows them.

namespace trimaran::bench {

// A cursor of WiredTiger's own, in a session of its own.
class RawCursor {
 public:
  RawCursor(RawFixture& raw, const char* config) : session_(raw.NewSession()) {
    WT_SESSION* session = session_->raw();
    MustBeZero(session->open_cursor(session,
                                    wt::TableUri(RawFixture::kTable).c_str(),
                                    nullptr, config, &cursor_));
  }
  ~RawCursor() { MustBeZero(cursor_->close(cursor_)); }
  RawCursor(const RawCursor&) = delete;
  RawCursor& operator=(const RawCursor&) = delete;

  // Copies the value; the row must be there.
  void Get(std::string_view key, std::string& value) const {
    const WT_ITEM key_item = ItemOf(key);
    WT_ITEM value_item = {};
    cursor_->set_key(cursor_, &key_item);
    MustBeZero(cursor_->search(cursor_));
    MustBeZero(cursor_->get_value(cursor_, &value_item));
    value.assign(static_cast<const char*>(value_item.data), value_item.size);
    MustBeZero(cursor_->reset(cursor_));
  }

  // Reads all rows, and returns how many bytes they have.
  size_t Scan() const {
    return Scan([](std::string_view key, std::string_view value) {
      return key.size() + value.size();
    });
  }
  // And returns the sum of what `use` makes of each.
  template <typename Use>
  size_t Scan(const Use& use) const {
    WT_ITEM key = {};
    WT_ITEM value = {};
    size_t sum = 0;
    while (cursor_->next(cursor_) == 0) {
      MustBeZero(cursor_->get_key(cursor_, &key));
      MustBeZero(cursor_->get_value(cursor_, &value));
      sum += use(BytesOf(key), BytesOf(value));
    }
    MustBeZero(cursor_->reset(cursor_));
    return sum;
  }

  // In a transaction that is not synced.
  void Insert(const std::vector<EncodedRow>& rows) const {
    WT_SESSION* session = session_->raw();
    MustBeZero(session->begin_transaction(session, nullptr));
    for (const auto& [key, value] : rows) {
      const WT_ITEM key_item = ItemOf(key);
      const WT_ITEM value_item = ItemOf(value);
      cursor_->set_key(cursor_, &key_item);
      cursor_->set_value(cursor_, &value_item);
      MustBeZero(cursor_->insert(cursor_));
    }
    MustBeZero(session->commit_transaction(session, nullptr));
  }

 private:
  std::unique_ptr<wt::Session> session_;
  WT_CURSOR* cursor_ = nullptr;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_RAW_CURSOR_H_
