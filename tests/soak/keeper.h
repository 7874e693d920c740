#ifndef TRIMARAN_TESTS_SOAK_KEEPER_H_
#define TRIMARAN_TESTS_SOAK_KEEPER_H_

#include <string>

namespace trimaran::soak {

// Another process, the parent of this one, which can do what nobody can do to
// himself: hold it at one moment, wherever its threads are, and keep what is on
// the disk then. That is what would be left of it had it been killed.
//
// Thread: one.
class Keeper {
 public:
  // Splits the process in two, before it has threads. Returns in the new one;
  // the old one serves it, and ends as it ends.
  Keeper();
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Copies the directory `from` to `to`, which is not there, while nothing of
  // this process runs. Empty, or why that could not be done.
  std::string CopyWhileHeld(const std::string& from, const std::string& to);

 private:
  int requests_ = -1;
  int answers_ = -1;
};

}  // namespace trimaran::soak

#endif  // TRIMARAN_TESTS_SOAK_KEEPER_H_
