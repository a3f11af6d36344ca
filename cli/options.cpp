#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

namespace gantry::cli {

namespace {

/// Edits after which a word counts as another one.
constexpr size_t edits_max = 3;

/// Levenshtein distance.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::string plain(double value) {
  auto text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.'))
    text.pop_back();
  return text;
}

/// Why `text` is no value of `what`; empty if it is one.
std::string refuse_value(const option& what, const std::string& text) {
  if (what.kind == option_kind::text)
    return text.empty() ? std::string{what.name} + " needs a value" : "";
  std::optional<double> value;
  if (what.kind == option_kind::real)
    value = number_of<double>(text);
  else if (auto whole = number_of<int64_t>(text))
    value = static_cast<double>(*whole);
  if (value && *value >= what.low && *value <= what.high)
    return "";
  return std::string{what.name} + " needs a number from " + plain(what.low) + " to "
         + plain(what.high) + ", not '" + text + "'";
}

} // namespace

std::string arguments::text(std::string_view name, std::string fallback) const {
  auto found = values_.find(name);
  return found == values_.end() ? std::move(fallback) : found->second;
}

int64_t arguments::integer(std::string_view name, int64_t fallback) const {
  return number_of<int64_t>(text(name)).value_or(fallback);
}

double arguments::real(std::string_view name, double fallback) const {
  return number_of<double>(text(name)).value_or(fallback);
}

std::vector<std::string> arguments::all(std::string_view name) const {
  std::vector<std::string> answer;
  auto [first, last] = values_.equal_range(name);
  for (auto at = first; at != last; ++at)
    answer.push_back(at->second);
  return answer;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  size_t best_distance = edits_max + 1;
  for (auto candidate : known) {
    auto edits = candidate.starts_with(word) ? 0 : distance(word, candidate);
    if (edits < best_distance && edits < candidate.size() / 2) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

/// Reads a command line word by word.
class argument_reader {
public:
  argument_reader(const std::vector<std::string>& words, const std::vector<option>& known)
      : words_{words}, known_{known} {}

  std::variant<arguments, usage_error> run(size_t positional_min, size_t positional_max) {
    bool only_positional = false;
    for (; at_ < words_.size() && error_.empty(); ++at_) {
      const auto& word = words_[at_];
      if (only_positional || !word.starts_with("-") || word == "-")
        found_.positional_.push_back(word);
      else if (word == "--")
        only_positional = true;
      else
        read_option(word);
    }
    if (error_.empty() && found_.positional_.size() < positional_min)
      error_ = "an argument is missing";
    if (error_.empty() && found_.positional_.size() > positional_max)
      error_ = "'" + found_.positional_[positional_max] + "' is one argument too many";
    if (!error_.empty())
      return usage_error{error_};
    return std::move(found_);
  }

private:
  void read_option(const std::string& word) {
    auto equals = word.find('=');
    auto name = word.substr(0, equals);
    auto what = std::ranges::find(known_, name, &option::name);
    if (what == known_.end()) {
      std::vector<std::string_view> names;
      for (const auto& each : known_)
        names.push_back(each.name);
      auto hint = nearest(name, names);
      error_ = "unknown option '" + name + "'"
               + (hint.empty() ? "" : ", did you mean " + std::string{hint} + "?");
      return;
    }
    std::string value;
    if (what->kind == option_kind::flag) {
      if (equals != std::string::npos)
        error_ = name + " takes no value";
    } else {
      if (equals != std::string::npos)
        value = word.substr(equals + 1);
      else if (at_ + 1 < words_.size())
        value = words_[++at_];
      error_ = refuse_value(*what, value);
    }
    found_.values_.emplace(name, std::move(value));
  }

  const std::vector<std::string>& words_;
  const std::vector<option>& known_;
  size_t at_ = 0;
  std::string error_;
  arguments found_;
};

std::variant<arguments, usage_error> read_arguments(const std::vector<std::string>& words,
                                                    const std::vector<option>& known,
                                                    size_t positional_min, size_t positional_max) {
  return argument_reader{words, known}.run(positional_min, positional_max);
}

} // namespace gantry::cli
