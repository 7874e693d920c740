#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/format/command.h"

namespace trimaran::engine {
namespace {

std::string Quoted(std::string_view bytes) {
  return absl::StrCat("\"", absl::CHexEscape(ToAbsl(bytes)), "\"");
}

std::string InFamily(absl::string_view verb, FamilyId family,
                     std::string_view key) {
  return absl::StrCat(verb, " cf=", family.value(), " ", Quoted(key));
}

struct OperationDescriber {
  std::string operator()(const PutOp& put) const {
    return absl::StrCat(InFamily("put", put.family, put.key), " (",
                        put.value.size(), " bytes)");
  }
  std::string operator()(const DeleteOp& del) const {
    return InFamily("delete", del.family, del.key);
  }
  std::string operator()(const DeleteRangeOp& range) const {
    return absl::StrCat(InFamily("delete-range", range.family, range.begin),
                        " to ",
                        range.end.empty() ? "the end" : Quoted(range.end));
  }
  std::string operator()(const GetOp& get) const {
    return InFamily("get", get.family, get.key);
  }
};

std::string Describe(const Compare& compare) {
  switch (compare.kind) {
    case CompareKind::kExists:
      return InFamily("exists", compare.family, compare.key);
    case CompareKind::kAbsent:
      return InFamily("absent", compare.family, compare.key);
    case CompareKind::kValueEquals:
      return absl::StrCat(InFamily("value", compare.family, compare.key),
                          " = (", compare.value.size(), " bytes)");
    case CompareKind::kVersionEquals:
      return absl::StrCat(InFamily("version", compare.family, compare.key),
                          " = ", compare.version.value());
  }
  return "unknown compare";
}

std::string Describe(const std::vector<Operation>& operations) {
  if (operations.empty()) return "nothing";
  std::string out;
  for (const Operation& operation : operations) {
    absl::StrAppend(&out, out.empty() ? "" : ", ",
                    std::visit(OperationDescriber{}, operation));
  }
  return out;
}

struct BodyDescriber {
  std::string operator()(const WriteCommand& write) const {
    if (write.compares.empty()) return Describe(write.operations);
    std::string out;
    for (const Compare& compare : write.compares) {
      absl::StrAppend(&out, out.empty() ? "if " : " and ", Describe(compare));
    }
    absl::StrAppend(&out, " then ", Describe(write.operations));
    if (!write.otherwise.empty()) {
      absl::StrAppend(&out, " else ", Describe(write.otherwise));
    }
    return out;
  }
  std::string operator()(const OpenSessionCommand&) const {
    return "open-session";
  }
  std::string operator()(const CloseSessionCommand& close) const {
    return absl::StrCat("close-session ", close.session.value());
  }
  std::string operator()(const CreateFamilyCommand& create) const {
    return absl::StrCat("create-family ", Quoted(create.name));
  }
  std::string operator()(const DropFamilyCommand& drop) const {
    return absl::StrCat("drop-family ", Quoted(drop.name));
  }
  std::string operator()(const CompactLogCommand& compact) const {
    return absl::StrCat("compact-log ", compact.index.value(), "/",
                        compact.term.value());
  }
  std::string operator()(const SetMemberCommand& member) const {
    return absl::StrCat("set-member ", member.replica.value(), " store ",
                        member.store_id, " name ", Quoted(member.name),
                        " address ", Quoted(member.address));
  }
  std::string operator()(const AuditCommand& audit) const {
    return absl::StrCat("audit for ", audit.asker.value(), " #", audit.request);
  }
};

}  // namespace

std::string DebugString(const Command& command) {
  const std::string body = std::visit(BodyDescriber{}, command.body);
  if (!command.stamp) return body;
  return absl::StrCat(body, " [session ", command.stamp->session.value(), " #",
                      command.stamp->sequence, ", from #",
                      command.stamp->first_unanswered, "]");
}

}  // namespace trimaran::engine
