#include <utility>

#include "api/c/boundary.h"

using trimaran::c::Arguments;
using trimaran::c::Build;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::Show;
using trimaran::c::ShowNothing;

trimaran_code trimaran_scan(trimaran_db* db, const trimaran_range* range,
                            const trimaran_scan_options* options,
                            trimaran_iterator** iterator,
                            trimaran_error** error) {
  Clear(iterator);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(range, "range");
    if (options != nullptr) arguments.NeedWhole(options, "scan options");
    arguments.Need(iterator, "iterator");
    if (!arguments.ok()) return arguments.refusal();
    auto rows =
        db->db->Scan(range->range, options == nullptr ? trimaran::ScanOptions()
                                                      : options->options);
    if (!rows.ok()) return rows.status();
    *iterator = new trimaran_iterator{*std::move(rows), absl::OkStatus()};
    return absl::OkStatus();
  });
}

void trimaran_iterator_free(trimaran_iterator* iterator) { delete iterator; }

bool trimaran_iterator_valid(const trimaran_iterator* iterator) {
  return iterator != nullptr && iterator->problem.ok() &&
         iterator->iterator->Valid();
}

void trimaran_iterator_next(trimaran_iterator* iterator) {
  if (!trimaran_iterator_valid(iterator)) return;
  Build(iterator, [](trimaran_iterator& object) {
    object.iterator->Next();
    return absl::OkStatus();
  });
}

void trimaran_iterator_seek(trimaran_iterator* iterator, const void* key,
                            size_t key_size) {
  Build(iterator, [&](trimaran_iterator& object) {
    Arguments arguments;
    const std::string_view bytes = arguments.Bytes(key, key_size, "key");
    if (arguments.ok()) object.iterator->Seek(bytes);
    return arguments.refusal();
  });
}

const void* trimaran_iterator_key(const trimaran_iterator* iterator,
                                  size_t* size) {
  if (!trimaran_iterator_valid(iterator)) return ShowNothing(size);
  return Show(iterator->iterator->key(), size);
}

const void* trimaran_iterator_value(const trimaran_iterator* iterator,
                                    size_t* size) {
  if (!trimaran_iterator_valid(iterator)) return ShowNothing(size);
  return Show(iterator->iterator->value(), size);
}

uint64_t trimaran_iterator_version(const trimaran_iterator* iterator) {
  if (!trimaran_iterator_valid(iterator)) return 0;
  return iterator->iterator->version();
}

trimaran_code trimaran_iterator_status(const trimaran_iterator* iterator,
                                       trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.NeedWhole(iterator, "iterator");
    if (!arguments.ok()) return arguments.refusal();
    return iterator->iterator->status();
  });
}

uint64_t trimaran_iterator_index(const trimaran_iterator* iterator) {
  return iterator == nullptr ? 0 : iterator->iterator->index();
}
