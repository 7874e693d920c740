#ifndef TRIMARAN_TESTS_API_PROMETHEUS_PARSER_H_
#define TRIMARAN_TESTS_API_PROMETHEUS_PARSER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trimaran {

// What a scraper makes of a text in Prometheus' format 0.0.4.
struct Scrape {
  struct Sample {
    std::map<std::string, std::string> labels;
    double value = 0;
  };
  struct Metric {
    std::string type;
    std::string help;
    // By name: for a histogram with _bucket, _sum and _count.
    std::map<std::string, std::vector<Sample>> samples;
  };
  std::map<std::string, Metric> metrics;
  // What breaks the rules of the format; empty if nothing does.
  std::vector<std::string> problems;

  // The only sample of a metric that has one; -1 where it has not.
  double ValueOf(const std::string& name) const;
};

Scrape ParseMetrics(std::string_view text);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_PROMETHEUS_PARSER_H_
