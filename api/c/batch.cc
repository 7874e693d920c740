#include <memory>
#include <string>

#include "api/c/boundary.h"

using trimaran::ColumnFamily;
using trimaran::c::Arguments;
using trimaran::c::Build;
using trimaran::c::Create;

namespace {

// Adds something that is about one key to a batch or a transaction: runs `add`
// with the object and the key.
template <typename Handle, typename Add>
void WithKey(Handle* handle, const void* key, size_t key_size, Add add) {
  Build(handle, [&](Handle& object) {
    Arguments arguments;
    const std::string_view bytes = arguments.Bytes(key, key_size, "key");
    if (arguments.ok()) add(object, bytes);
    return arguments.refusal();
  });
}

// The same with a value.
template <typename Handle, typename Add>
void WithRow(Handle* handle, trimaran_bytes key, trimaran_bytes value,
             Add add) {
  Build(handle, [&](Handle& object) {
    Arguments arguments;
    const std::string_view key_bytes =
        arguments.Bytes(key.data, key.size, "key");
    const std::string_view value_bytes =
        arguments.Bytes(value.data, value.size, "value");
    if (arguments.ok()) add(object, key_bytes, value_bytes);
    return arguments.refusal();
  });
}

}  // namespace

// ---- Ranges ----

trimaran_range* trimaran_range_all(void) {
  return Create<trimaran_range>([] { return new trimaran_range(); });
}

trimaran_range* trimaran_range_prefix(const void* prefix, size_t prefix_size) {
  return Create<trimaran_range>([&]() -> trimaran_range* {
    Arguments arguments;
    const std::string_view bytes =
        arguments.Bytes(prefix, prefix_size, "prefix");
    if (!arguments.ok()) return nullptr;
    return new trimaran_range{trimaran::KeyRange::Prefix(bytes)};
  });
}

trimaran_range* trimaran_range_between(const void* begin, size_t begin_size,
                                       const void* end, size_t end_size) {
  return Create<trimaran_range>([&]() -> trimaran_range* {
    Arguments arguments;
    const std::string_view first = arguments.Bytes(begin, begin_size, "begin");
    const std::string_view last = arguments.Bytes(end, end_size, "end");
    if (!arguments.ok()) return nullptr;
    return new trimaran_range{{std::string(first), std::string(last)}};
  });
}

void trimaran_range_free(trimaran_range* range) { delete range; }

// ---- Batches ----

trimaran_batch* trimaran_batch_create(void) {
  return Create<trimaran_batch>([] {
    auto made = std::make_unique<trimaran_batch>();
    made->own = std::make_unique<trimaran::WriteBatch>();
    made->batch = made->own.get();
    return made.release();
  });
}

void trimaran_batch_free(trimaran_batch* batch) {
  if (batch != nullptr && batch->own != nullptr) delete batch;
}

void trimaran_batch_clear(trimaran_batch* batch) {
  if (batch == nullptr) return;
  batch->batch->Clear();
  batch->problem = absl::OkStatus();
}

size_t trimaran_batch_size(const trimaran_batch* batch) {
  return batch == nullptr ? 0 : batch->batch->size();
}

size_t trimaran_batch_bytes(const trimaran_batch* batch) {
  return batch == nullptr ? 0 : batch->batch->bytes();
}

void trimaran_batch_put(trimaran_batch* batch, trimaran_family family,
                        const void* key, size_t key_size, const void* value,
                        size_t value_size) {
  WithRow(batch, {key, key_size}, {value, value_size},
          [family](trimaran_batch& object, std::string_view key_bytes,
                   std::string_view value_bytes) {
            object.batch->Put(ColumnFamily(family), key_bytes, value_bytes);
          });
}

void trimaran_batch_delete(trimaran_batch* batch, trimaran_family family,
                           const void* key, size_t key_size) {
  WithKey(batch, key, key_size,
          [family](trimaran_batch& object, std::string_view bytes) {
            object.batch->Delete(ColumnFamily(family), bytes);
          });
}

void trimaran_batch_delete_range(trimaran_batch* batch, trimaran_family family,
                                 const trimaran_range* range) {
  Build(batch, [&](trimaran_batch& object) {
    Arguments arguments;
    arguments.Need(range, "range");
    if (arguments.ok()) {
      object.batch->DeleteRange(ColumnFamily(family), range->range.begin,
                                range->range.end);
    }
    return arguments.refusal();
  });
}

void trimaran_batch_get(trimaran_batch* batch, trimaran_family family,
                        const void* key, size_t key_size) {
  WithKey(batch, key, key_size,
          [family](trimaran_batch& object, std::string_view bytes) {
            object.batch->Get(ColumnFamily(family), bytes);
          });
}

// ---- Transactions ----

trimaran_transaction* trimaran_transaction_create(void) {
  return Create<trimaran_transaction>(
      [] { return new trimaran_transaction(); });
}

void trimaran_transaction_free(trimaran_transaction* transaction) {
  delete transaction;
}

void trimaran_transaction_if_exists(trimaran_transaction* transaction,
                                    trimaran_family family, const void* key,
                                    size_t key_size) {
  WithKey(transaction, key, key_size,
          [family](trimaran_transaction& object, std::string_view bytes) {
            object.transaction.IfExists(ColumnFamily(family), bytes);
          });
}

void trimaran_transaction_if_absent(trimaran_transaction* transaction,
                                    trimaran_family family, const void* key,
                                    size_t key_size) {
  WithKey(transaction, key, key_size,
          [family](trimaran_transaction& object, std::string_view bytes) {
            object.transaction.IfAbsent(ColumnFamily(family), bytes);
          });
}

void trimaran_transaction_if_value_is(trimaran_transaction* transaction,
                                      trimaran_family family, const void* key,
                                      size_t key_size, const void* value,
                                      size_t value_size) {
  WithRow(transaction, {key, key_size}, {value, value_size},
          [family](trimaran_transaction& object, std::string_view key_bytes,
                   std::string_view value_bytes) {
            object.transaction.IfValueIs(ColumnFamily(family), key_bytes,
                                         value_bytes);
          });
}

void trimaran_transaction_if_version_is(trimaran_transaction* transaction,
                                        trimaran_family family, const void* key,
                                        size_t key_size, uint64_t version) {
  WithKey(
      transaction, key, key_size,
      [family, version](trimaran_transaction& object, std::string_view bytes) {
        object.transaction.IfVersionIs(ColumnFamily(family), bytes, version);
      });
}

trimaran_batch* trimaran_transaction_then(trimaran_transaction* transaction) {
  return transaction == nullptr ? nullptr : &transaction->then;
}

trimaran_batch* trimaran_transaction_otherwise(
    trimaran_transaction* transaction) {
  return transaction == nullptr ? nullptr : &transaction->otherwise;
}
