#ifndef TRIMARAN_TOOLS_SERVE_COMMAND_H_
#define TRIMARAN_TOOLS_SERVE_COMMAND_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trimaran::serve {

// What a client has asked for: the name of the command and its arguments, one
// behind the other in one piece of memory.
//
// Thread: one at a time.
class Command {
 public:
  // The name included.
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  // `at` < size(). Valid until the command is changed or moved.
  std::string_view operator[](size_t at) const {
    const size_t begin = at == 0 ? 0 : ends_[at - 1];
    const std::string_view all = bytes_;
    return all.substr(begin, ends_[at] - begin);
  }
  // Of all words.
  size_t bytes() const { return bytes_.size(); }
  // What it takes of memory, roughly.
  size_t footprint() const {
    return sizeof(Command) + bytes_.capacity() +
           ends_.capacity() * sizeof(size_t);
  }

  void Add(std::string_view word) {
    Extend(word);
    EndWord();
  }
  // Of one that is kept: it has grown with what came, and may take twice what
  // it holds.
  void Shrink() {
    bytes_.shrink_to_fit();
    ends_.shrink_to_fit();
  }
  // A word that comes in pieces.
  void Extend(std::string_view piece) { bytes_.append(piece); }
  void EndWord() { ends_.push_back(bytes_.size()); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_COMMAND_H_
