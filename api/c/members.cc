#include <string>

#include "api/c/boundary.h"

using trimaran::MemberInfo;
using trimaran::c::Arguments;
using trimaran::c::Call;
using trimaran::c::TextOr;

namespace {

// Runs `change` with what a change of the members needs.
template <typename Change>
trimaran_code ChangeMembers(trimaran_db* db,
                            const trimaran_write_options* options,
                            trimaran_error** error, Change change) {
  return Call(error, [&] {
    Arguments arguments;
    arguments.Need(db, "db");
    if (!arguments.ok()) return arguments.refusal();
    return change(db->db->admin(), arguments.Options(options));
  });
}

MemberInfo InfoOf(const char* name, const char* address) {
  return {std::string(TextOr(name)), std::string(TextOr(address))};
}

}  // namespace

trimaran_code trimaran_transfer_leadership(
    trimaran_db* db, uint64_t successor, const trimaran_write_options* options,
    trimaran_error** error) {
  return ChangeMembers(db, options, error,
                       [&](trimaran::Admin& admin, const auto& write) {
                         return admin.TransferLeadership(successor, write);
                       });
}

trimaran_code trimaran_add_learner(trimaran_db* db, uint64_t id,
                                   const char* name, const char* address,
                                   const trimaran_write_options* options,
                                   trimaran_error** error) {
  return ChangeMembers(
      db, options, error, [&](trimaran::Admin& admin, const auto& write) {
        return admin.AddLearner(id, InfoOf(name, address), write);
      });
}

trimaran_code trimaran_promote(trimaran_db* db, uint64_t id,
                               const trimaran_write_options* options,
                               trimaran_error** error) {
  return ChangeMembers(db, options, error,
                       [&](trimaran::Admin& admin, const auto& write) {
                         return admin.Promote(id, write);
                       });
}

trimaran_code trimaran_add_voter(trimaran_db* db, uint64_t id, const char* name,
                                 const char* address,
                                 const trimaran_write_options* options,
                                 trimaran_error** error) {
  return ChangeMembers(
      db, options, error, [&](trimaran::Admin& admin, const auto& write) {
        return admin.AddVoter(id, InfoOf(name, address), write);
      });
}

trimaran_code trimaran_replace_member(trimaran_db* db, uint64_t id,
                                      uint64_t successor, const char* name,
                                      const char* address,
                                      const trimaran_write_options* options,
                                      trimaran_error** error) {
  return ChangeMembers(
      db, options, error, [&](trimaran::Admin& admin, const auto& write) {
        return admin.Replace(id, successor, InfoOf(name, address), write);
      });
}

trimaran_code trimaran_remove_member(trimaran_db* db, uint64_t id,
                                     const trimaran_write_options* options,
                                     trimaran_error** error) {
  return ChangeMembers(db, options, error,
                       [&](trimaran::Admin& admin, const auto& write) {
                         return admin.Remove(id, write);
                       });
}

trimaran_code trimaran_update_member(trimaran_db* db, uint64_t id,
                                     const char* name, const char* address,
                                     const trimaran_write_options* options,
                                     trimaran_error** error) {
  return ChangeMembers(
      db, options, error, [&](trimaran::Admin& admin, const auto& write) {
        return admin.UpdateMember(id, InfoOf(name, address), write);
      });
}
