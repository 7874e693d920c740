#include <utility>

#include "api/c/boundary.h"

using trimaran::ColumnFamily;
using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::Clear;
using trimaran::c::Take;

namespace {

static_assert(ColumnFamily().id() == TRIMARAN_DEFAULT_FAMILY);

}  // namespace

trimaran_code trimaran_create_family(trimaran_db* db, const char* name,
                                     const trimaran_write_options* options,
                                     trimaran_family* family,
                                     trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(name, "name");
    arguments.Need(family, "family");
    if (!arguments.ok()) return arguments.refusal();
    const auto made =
        db->db->CreateColumnFamily(name, arguments.Options(options));
    if (made.ok()) *family = made->id();
    return made.status();
  });
}

trimaran_code trimaran_drop_family(trimaran_db* db, const char* name,
                                   const trimaran_write_options* options,
                                   trimaran_place* place,
                                   trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(name, "name");
    if (!arguments.ok()) return arguments.refusal();
    return Take(db->db->DropColumnFamily(name, arguments.Options(options)),
                place);
  });
}

trimaran_code trimaran_find_family(trimaran_db* db, const char* name,
                                   const trimaran_read_options* options,
                                   trimaran_family* family,
                                   trimaran_error** error) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(name, "name");
    arguments.Need(family, "family");
    const trimaran::ReadOptions read = arguments.Options(options);
    if (!arguments.ok()) return arguments.refusal();
    const auto found = db->db->FindColumnFamily(name, read);
    if (found.ok()) *family = found->id();
    return found.status();
  });
}

trimaran_code trimaran_list_families(trimaran_db* db,
                                     const trimaran_read_options* options,
                                     trimaran_families** families,
                                     trimaran_error** error) {
  Clear(families);
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    arguments.Need(families, "families");
    const trimaran::ReadOptions read = arguments.Options(options);
    if (!arguments.ok()) return arguments.refusal();
    auto found = db->db->ListColumnFamilies(read);
    if (!found.ok()) return found.status();
    *families = new trimaran_families{*std::move(found)};
    return absl::OkStatus();
  });
}

void trimaran_families_free(trimaran_families* families) { delete families; }

size_t trimaran_families_count(const trimaran_families* families) {
  return families == nullptr ? 0 : families->families.size();
}

const char* trimaran_families_name(const trimaran_families* families,
                                   size_t at) {
  if (at >= trimaran_families_count(families)) return "";
  return families->families[at].name.c_str();
}

trimaran_family trimaran_families_id(const trimaran_families* families,
                                     size_t at) {
  if (at >= trimaran_families_count(families)) return 0;
  return families->families[at].family.id();
}
