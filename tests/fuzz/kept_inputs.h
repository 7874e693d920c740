#ifndef TRIMARAN_TESTS_FUZZ_KEPT_INPUTS_H_
#define TRIMARAN_TESTS_FUZZ_KEPT_INPUTS_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace trimaran {

// The inputs in tests/fuzz/corpus/<name>, which a fuzzer has found worth
// keeping, by file.
//
// Thread: any.
inline std::map<std::string, std::string> KeptInputs(const std::string& name) {
  std::map<std::string, std::string> inputs;
  for (const auto& entry :
       std::filesystem::directory_iterator("tests/fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs[entry.path().filename()] =
        std::string((std::istreambuf_iterator<char>(file)),
                    std::istreambuf_iterator<char>());
  }
  return inputs;
}

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_KEPT_INPUTS_H_
