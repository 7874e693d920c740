#ifndef TRIMARAN_API_SRC_PROMETHEUS_TEXT_H_
#define TRIMARAN_API_SRC_PROMETHEUS_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/histogram.h"

namespace trimaran {

// Writes Prometheus' text format, version 0.0.4. All names begin with
// "trimaran_", which is added.
//
// Thread: owner.
class PrometheusText {
 public:
  enum class Type : uint8_t { kGauge, kCounter };
  struct Label {
    std::string_view name;
    // Any bytes; what cannot be shown is escaped.
    std::string_view value;
  };

  // A metric of one sample.
  void Add(std::string_view name, Type type, std::string_view help,
           uint64_t value);
  // In seconds.
  void Add(std::string_view name, std::string_view help,
           const Histogram::Reading& reading);

  // A metric of several samples, which follow.
  void Begin(std::string_view name, Type type, std::string_view help);
  void Sample(const std::vector<Label>& labels, uint64_t value);

  std::string Take() { return std::move(text_); }

 private:
  void Head(std::string_view type, std::string_view help);

  // Of the metric that was begun last.
  std::string name_;
  std::string text_;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_PROMETHEUS_TEXT_H_
