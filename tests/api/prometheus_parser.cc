#include "tests/api/prometheus_parser.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"

namespace trimaran {
namespace {

bool IsName(std::string_view name) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  return !name.empty() &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), fits);
}

// Reads one line of a sample from its front.
class SampleReader {
 public:
  explicit SampleReader(std::string_view line) : rest_(line) {}

  // Empty if the line is none.
  std::optional<std::string> Read(Scrape::Sample& sample) {
    const std::string name(Take(rest_.find_first_of("{ ")));
    if (!IsName(name)) return std::nullopt;
    if (Skip('{')) {
      do {
        if (!ReadLabel(sample)) return std::nullopt;
      } while (Skip(','));
      if (!Skip('}')) return std::nullopt;
    }
    if (!Skip(' ')) return std::nullopt;
    if (!absl::SimpleAtod(ToAbsl(rest_), &sample.value)) return std::nullopt;
    return name;
  }

 private:
  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  bool Skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool ReadLabel(Scrape::Sample& sample) {
    const std::string label(Take(rest_.find('=')));
    if (!IsName(label) || !Skip('=') || !Skip('"')) return false;
    std::string value;
    while (!rest_.empty() && rest_.front() != '"') {
      char c = Take(1).front();
      if (c == '\\') {
        const std::string_view escaped = Take(1);
        if (escaped != "\\" && escaped != "\"" && escaped != "n") return false;
        c = escaped == "n" ? '\n' : escaped.front();
      }
      value += c;
    }
    return Skip('"') && sample.labels.emplace(label, value).second;
  }

  std::string_view rest_;
};

class Parser {
 public:
  Scrape Parse(std::string_view text) {
    if (text.empty() || text.back() != '\n') Complain("no end of line", text);
    for (const absl::string_view line : absl::StrSplit(ToAbsl(text), '\n')) {
      if (!line.empty()) ParseLine(ToStd(line));
    }
    for (const auto& [name, metric] : scrape_.metrics) {
      if (metric.samples.empty()) Complain("a metric without samples", name);
      if (metric.type == "histogram") CheckHistogram(name, metric);
    }
    return std::move(scrape_);
  }

 private:
  void Complain(std::string_view what, std::string_view where) {
    scrape_.problems.push_back(absl::StrCat(ToAbsl(what), ": ", ToAbsl(where)));
  }

  void ParseLine(std::string_view line) {
    const std::vector<std::string> words =
        absl::StrSplit(ToAbsl(line), absl::MaxSplits(' ', 3));
    if (words[0] != "#") return ParseSample(line);
    if (words.size() != 4) return Complain("a comment of few words", line);
    if (words[1] == "HELP") {
      current_ = words[2];
      if (!IsName(current_)) Complain("no name", line);
      if (!scrape_.metrics.emplace(current_, Scrape::Metric{}).second) {
        Complain("a metric twice", line);
      }
      scrape_.metrics[current_].help = words[3];
    } else if (words[1] == "TYPE") {
      if (words[2] != current_) Complain("a type without help", line);
      scrape_.metrics[current_].type = words[3];
      if (words[3] != "gauge" && words[3] != "counter" &&
          words[3] != "histogram") {
        Complain("no type", line);
      }
    } else {
      Complain("an unknown comment", line);
    }
  }

  void ParseSample(std::string_view line) {
    Scrape::Sample sample;
    const auto name = SampleReader(line).Read(sample);
    if (!name.has_value()) return Complain("no sample", line);
    Scrape::Metric& metric = scrape_.metrics[current_];
    const bool fits = metric.type == "histogram"
                          ? *name == current_ + "_bucket" ||
                                *name == current_ + "_sum" ||
                                *name == current_ + "_count"
                          : *name == current_;
    if (!fits) Complain("a sample of another metric", line);
    const bool total = name->size() > 6 && name->ends_with("_total");
    if ((metric.type == "counter") != total) {
      Complain("only counters, and all, end in _total", line);
    }
    for (const Scrape::Sample& other : metric.samples[*name]) {
      if (other.labels == sample.labels) Complain("a sample twice", line);
    }
    metric.samples[*name].push_back(std::move(sample));
  }

  void CheckHistogram(const std::string& name, const Scrape::Metric& metric) {
    const auto of = [&](const char* suffix) {
      const auto found = metric.samples.find(name + suffix);
      return found == metric.samples.end() ? std::vector<Scrape::Sample>()
                                           : found->second;
    };
    const auto buckets = of("_bucket");
    if (buckets.empty() || of("_sum").size() != 1 || of("_count").size() != 1) {
      return Complain("a histogram that lacks something", name);
    }
    double bound = -std::numeric_limits<double>::infinity();
    double count = 0;
    for (const Scrape::Sample& bucket : buckets) {
      double next = 0;
      const auto label = bucket.labels.find("le");
      if (label == bucket.labels.end() ||
          !absl::SimpleAtod(label->second, &next)) {
        return Complain("a bucket without bound", name);
      }
      if (next <= bound) Complain("bounds do not grow", name);
      if (bucket.value < count) Complain("buckets are not cumulative", name);
      bound = next;
      count = bucket.value;
    }
    if (bound != std::numeric_limits<double>::infinity()) {
      Complain("the last bucket is not +Inf", name);
    }
    if (count != of("_count")[0].value) {
      Complain("the last bucket is not the count", name);
    }
  }

  Scrape scrape_;
  std::string current_;
};

}  // namespace

double Scrape::ValueOf(const std::string& name) const {
  const auto metric = metrics.find(name);
  if (metric == metrics.end()) return -1;
  const auto samples = metric->second.samples.find(name);
  if (samples == metric->second.samples.end()) return -1;
  return samples->second.size() == 1 ? samples->second[0].value : -1;
}

Scrape ParseMetrics(std::string_view text) { return Parser().Parse(text); }

}  // namespace trimaran
