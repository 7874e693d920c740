// WiredTiger by its own calls, as its manual shows them.

#include <wiredtiger.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/raw_items.h"
#include "bench/settings.h"
#include "bench/store.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"

namespace trimaran::bench {
namespace {

constexpr const char* kUri = "table:rows";

// One flush of the journal for all that have committed before it.
class GroupedFlush {
 public:
  explicit GroupedFlush(WT_SESSION* session) : session_(session) {}

  void Wait() {
    const MutexLock lock(mutex_);
    const uint64_t ticket = ++asked_;
    while (flushed_ < ticket) {
      if (flushing_) {
        done_.Wait(mutex_);
        continue;
      }
      flushing_ = true;
      const uint64_t up_to = asked_;
      mutex_.Unlock();
      MustBeZero(session_->log_flush(session_, "sync=on"));
      mutex_.Lock();
      flushed_ = up_to;
      flushing_ = false;
      done_.NotifyAll();
    }
  }

 private:
  WT_SESSION* const session_;
  Mutex mutex_;
  CondVar done_;
  uint64_t asked_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flushed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool flushing_ ABSL_GUARDED_BY(mutex_) = false;
};

class WiredTigerClient final : public StoreClient {
 public:
  WiredTigerClient(WT_CONNECTION* connection, GroupedFlush& flush)
      : flush_(flush) {
    MustBeZero(
        connection->open_session(connection, nullptr, nullptr, &session_));
    MustBeZero(
        session_->open_cursor(session_, kUri, nullptr, nullptr, &cursor_));
  }
  ~WiredTigerClient() override {
    MustBeZero(session_->close(session_, nullptr));
  }

  void Put(std::string_view key, std::string_view value) override {
    Change([&] { return Insert(key, value); });
  }
  void Write(const std::vector<Row>& rows) override {
    Change([&] {
      for (const Row& row : rows) {
        const int code = Insert(row.key, row.value);
        if (code != 0) return code;
      }
      return 0;
    });
  }
  bool CompareAndSet(std::string_view key, std::string_view expected,
                     std::string_view value) override {
    bool equal = false;
    Change([&] {
      WT_ITEM found = {};
      const int code = Search(key, found);
      equal = code == 0 && BytesOf(found) == expected;
      if (code == WT_ROLLBACK) return code;
      return equal ? Insert(key, value) : 0;
    });
    return equal;
  }

  bool Get(std::string_view key, std::string& value) override {
    WT_ITEM found = {};
    const int code = Search(key, found);
    if (code == 0) value.assign(BytesOf(found));
    MustBeZero(cursor_->reset(cursor_));
    TRIMARAN_CHECK(code == 0 || code == WT_NOTFOUND) << code;
    return code == 0;
  }
  size_t MultiGet(const std::vector<std::string>& keys) override {
    MustBeZero(session_->begin_transaction(session_, "isolation=snapshot"));
    size_t found = 0;
    std::vector<std::string> values(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      found += Get(keys[i], values[i]) ? 1 : 0;
    }
    MustBeZero(session_->rollback_transaction(session_, nullptr));
    return found;
  }
  size_t Scan(std::string_view from, size_t count) override {
    const WT_ITEM first = ItemOf(from);
    int exact = 0;
    size_t bytes = 0;
    cursor_->set_key(cursor_, &first);
    int code = cursor_->search_near(cursor_, &exact);
    if (code == 0 && exact < 0) code = cursor_->next(cursor_);
    for (size_t i = 0; code == 0 && i < count; ++i) {
      WT_ITEM key = {};
      WT_ITEM value = {};
      MustBeZero(cursor_->get_key(cursor_, &key));
      MustBeZero(cursor_->get_value(cursor_, &value));
      bytes += key.size + value.size;
      code = cursor_->next(cursor_);
    }
    TRIMARAN_CHECK(code == 0 || code == WT_NOTFOUND) << code;
    MustBeZero(cursor_->reset(cursor_));
    return bytes;
  }

 private:
  // In a transaction that is durable in the end, and repeated where another one
  // was in its way.
  template <typename Make>
  void Change(const Make& make) {
    for (;;) {
      MustBeZero(session_->begin_transaction(session_, "isolation=snapshot"));
      const int code = make();
      if (code == 0) {
        MustBeZero(session_->commit_transaction(session_, "sync=off"));
        return flush_.Wait();
      }
      TRIMARAN_CHECK_EQ(code, WT_ROLLBACK);
      MustBeZero(session_->rollback_transaction(session_, nullptr));
    }
  }
  int Insert(std::string_view key, std::string_view value) {
    const WT_ITEM key_item = ItemOf(key);
    const WT_ITEM value_item = ItemOf(value);
    cursor_->set_key(cursor_, &key_item);
    cursor_->set_value(cursor_, &value_item);
    return cursor_->insert(cursor_);
  }
  int Search(std::string_view key, WT_ITEM& value) {
    const WT_ITEM key_item = ItemOf(key);
    cursor_->set_key(cursor_, &key_item);
    const int code = cursor_->search(cursor_);
    return code == 0 ? cursor_->get_value(cursor_, &value) : code;
  }

  GroupedFlush& flush_;
  WT_SESSION* session_ = nullptr;
  WT_CURSOR* cursor_ = nullptr;
};

class WiredTigerStore final : public Store {
 public:
  WiredTigerStore(const std::string& directory, LogKept log)
      : connection_(Open(directory, log)),
        session_(OpenSession()),
        flush_(session_) {
    // 32 KB are what WiredTiger takes by itself.
    const std::string config =
        absl::StrCat("key_format=u,value_format=u,leaf_page_max=",
                     Setting("TRIMARAN_BENCH_WT_LEAF_KB", 32), "KB");
    MustBeZero(session_->create(session_, kUri, config.c_str()));
  }
  ~WiredTigerStore() override {
    MustBeZero(connection_->close(connection_, nullptr));
  }

  std::string_view name() const override { return "wiredtiger"; }
  std::unique_ptr<StoreClient> NewClient() override {
    return std::make_unique<WiredTigerClient>(connection_, flush_);
  }
  void Checkpoint() override {
    WT_SESSION* const session = OpenSession();
    MustBeZero(session->checkpoint(session, nullptr));
    MustBeZero(session->close(session, nullptr));
  }
  // By a bulk load.
  void CopyTo(const std::string& directory) override {
    WiredTigerStore copy(directory, LogKept::kUsual);
    WT_SESSION* const from_session = OpenSession();
    WT_SESSION* const to_session = copy.OpenSession();
    WT_CURSOR* from = nullptr;
    WT_CURSOR* to = nullptr;
    MustBeZero(
        from_session->open_cursor(from_session, kUri, nullptr, nullptr, &from));
    MustBeZero(to_session->open_cursor(to_session, kUri, nullptr, "bulk", &to));
    while (from->next(from) == 0) {
      WT_ITEM key = {};
      WT_ITEM value = {};
      MustBeZero(from->get_key(from, &key));
      MustBeZero(from->get_value(from, &value));
      to->set_key(to, &key);
      to->set_value(to, &value);
      MustBeZero(to->insert(to));
    }
    MustBeZero(to->close(to));
    MustBeZero(from_session->close(from_session, nullptr));
    copy.Checkpoint();
  }

 private:
  static WT_CONNECTION* Open(const std::string& directory, LogKept log) {
    std::filesystem::create_directories(directory);
    WT_CONNECTION* connection = nullptr;
    const std::string config = absl::StrCat(
        "create,cache_size=256MB,session_max=600,log=(enabled,file_max=64MB),"
        "transaction_sync=(method=fsync),",
        log == LogKept::kUsual ? "checkpoint=(log_size=64MB)" : "");
    MustBeZero(::wiredtiger_open(directory.c_str(), nullptr, config.c_str(),
                                 &connection));
    return connection;
  }
  WT_SESSION* OpenSession() {
    WT_SESSION* session = nullptr;
    MustBeZero(
        connection_->open_session(connection_, nullptr, nullptr, &session));
    return session;
  }

  WT_CONNECTION* const connection_;
  WT_SESSION* const session_;
  GroupedFlush flush_;
};

}  // namespace

std::unique_ptr<Store> OpenWiredTiger(const std::string& directory,
                                      LogKept log) {
  return std::make_unique<WiredTigerStore>(directory, log);
}

}  // namespace trimaran::bench
