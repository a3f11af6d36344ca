#include "hal/anycubic/act_reply.hpp"

#include "hal/anycubic/act_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace gantry::hal {

namespace {

constexpr std::string_view terminator = ",end";
constexpr std::size_t files_max = 1'000;
/// Fields of a whole status after the display name: internal name to the unknown last one.
constexpr std::size_t active_fields = 11;

/// The commands whose replies may turn up, whoever asked.
constexpr auto known_commands = std::to_array<std::string_view>(
    {"getstatus",  "sysinfo", "getfile", "goprint", "gopause",    "goresume",
     "gostop",     "getmode", "getwifi", "getname", "setname",    "gethistory",
     "delhistory", "delfile", "getpara", "setpara", "getPreview", "getFirmware",
     "setwifi",    "setZ",    "stopUV",  "setUV",   "detect"});

/// True if the reply to some command begins at `text`.
bool begins_reply(std::string_view text) {
  return std::any_of(known_commands.begin(), known_commands.end(), [&](std::string_view name) {
    return text.starts_with(name) && text.find(',', name.size()) < name.size() + 8;
  });
}

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto comma = text.find(',');
    fields.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos)
      return fields;
    text.remove_prefix(comma + 1);
  }
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  for (auto& byte : result)
    if (byte >= 'A' && byte <= 'Z')
      byte = static_cast<char>(byte + ('a' - 'A'));
  return result;
}

/// A number in all of `text` after trimming; 0 for nothing.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  text = trimmed(text);
  Number value{};
  if (text.empty())
    return value;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || rest != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<int64_t> count_in(std::string_view text) {
  constexpr int64_t count_max = 1'000'000'000;
  const auto value = number_in<int64_t>(text);
  return value && *value >= 0 && *value <= count_max ? value : std::nullopt;
}

resin_state state_of(std::string_view word) {
  const auto name = lower_case(word);
  if (name == "print")
    return resin_state::printing;
  if (name == "pause")
    return resin_state::paused;
  if (name == "finish")
    return resin_state::finished;
  if (name == "stopprn" || name == "stopping")
    return resin_state::stopping;
  if (name == "stop" || name == "stopped" || name == "idle" || name == "ready")
    return resin_state::stopped;
  return resin_state::unknown;
}

/// `~178mL` in millilitres.
int64_t resin_in(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('~'))
    text.remove_prefix(1);
  const auto value = number_in<double>(text.substr(0, text.find_first_of("mM")));
  return value && *value >= 0 && *value < 1e6 ? std::llround(*value) : 0;
}

/// True if a reply to `command` with this body cannot go on after its end.
bool is_whole(std::string_view command, std::string_view body) {
  if (command == "getstatus")
    return is_whole_status(body);
  if (command == "getfile" || command == "gethistory")
    return verdict_of(body) == act_verdict::error;
  if (command == "sysinfo")
    return fields_of(body).size() >= 4;
  return true;
}

} // namespace

// -- reply_reader -----------------------------------------------------------

struct reply_reader::match {
  std::optional<std::string_view> body{};
  bool sure = false;
};

void reply_reader::expect(std::string command) {
  command_ = std::move(command);
  buffer_.clear();
  // One long list must not keep its memory for months.
  if (buffer_.capacity() > 16U << 10U)
    buffer_.shrink_to_fit();
}

void reply_reader::feed(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() > bytes_max)
    buffer_.erase(0, buffer_.size() - bytes_max);
}

reply_reader::match reply_reader::match_at(std::size_t begin) const {
  const std::string_view text{buffer_};
  match found;
  // The comma of `<command>,end` belongs to both.
  for (auto end = text.find(terminator, begin - 1); end != std::string_view::npos;
       end = text.find(terminator, end + 1)) {
    const auto rest = text.substr(end + terminator.size());
    const auto body = end < begin ? std::string_view{} : text.substr(begin, end - begin);
    if (begins_reply(rest))
      return {body, true};
    if (trimmed(rest).empty())
      found = {body, is_whole(command_, body)};
    else if (is_whole(command_, body))
      return {body, true};
  }
  return found;
}

std::optional<std::string> reply_reader::body(bool quiet) const {
  const auto anchor = command_ + ",";
  std::optional<std::string> newest;
  for (auto at = buffer_.find(anchor); at != std::string::npos; at = buffer_.find(anchor, at + 1)) {
    const auto found = match_at(at + anchor.size());
    if (found.body && (found.sure || quiet))
      newest = std::string{*found.body};
  }
  return newest;
}

// -- getstatus --------------------------------------------------------------

std::optional<act_status> parse_status(std::string_view body) {
  act_status status;
  const auto comma = body.find(',');
  const auto word = trimmed(body.substr(0, comma));
  const auto is_word = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_'
           || byte == ' ';
  };
  if (word.empty() || word.size() > 30 || !std::all_of(word.begin(), word.end(), is_word))
    return std::nullopt;
  status.word = word;
  status.state = state_of(word);
  const auto slash = body.rfind('/');
  if (comma == std::string_view::npos)
    return status;
  if (slash == std::string_view::npos || slash < comma)
    return std::nullopt;
  status.file = text_for_people(body.substr(comma + 1, slash - comma - 1));
  auto fields = fields_of(body.substr(slash + 1));
  const bool whole = fields.size() >= active_fields;
  fields.resize(std::max(fields.size(), active_fields));
  status.internal_file = escaped_bytes(trimmed(fields[0]));
  const auto layers = count_in(fields[1]);
  const auto percent = count_in(fields[2]);
  const auto layer = count_in(fields[3]);
  const auto elapsed = count_in(fields[4]);
  const auto remaining_s = count_in(fields[5]);
  if (!layers || !percent || !layer || !elapsed || !remaining_s)
    return std::nullopt;
  // A status that was cut off in the middle of a number would show a layer that never was.
  constexpr int64_t contradiction_percent = 50;
  if (!whole && *layers > 0 && !trimmed(fields[3]).empty()
      && std::abs(*layer * 100 / *layers - *percent) > contradiction_percent)
    return std::nullopt;
  status.layers = *layers;
  status.percent = *percent;
  status.layer = *layer;
  status.elapsed = *elapsed;
  status.remaining_s = *remaining_s;
  status.resin_ml = resin_in(fields[6]);
  const auto height_mm = number_in<double>(fields[9]).value_or(0);
  if (height_mm > 0 && height_mm < 10)
    status.layer_height_um = std::llround(height_mm * 1'000);
  return status;
}

bool is_whole_status(std::string_view body) {
  const auto status = parse_status(body);
  if (!status)
    return false;
  const bool active =
      status->state == resin_state::printing || status->state == resin_state::paused;
  if (body.find(',') == std::string_view::npos)
    return !active;
  const auto fields = fields_of(body.substr(body.rfind('/') + 1));
  return fields.size() >= active_fields && !trimmed(fields[active_fields - 1]).empty();
}

// -- other replies ----------------------------------------------------------

act_verdict verdict_of(std::string_view body) {
  const auto word = lower_case(trimmed(body.substr(0, body.find(','))));
  if (word == "ok")
    return act_verdict::ok;
  return word.starts_with("error") ? act_verdict::error : act_verdict::unclear;
}

act_system parse_system(std::string_view body) {
  auto fields = fields_of(body);
  fields.resize(std::max<std::size_t>(fields.size(), 3));
  return {text_for_people(fields[0]), text_for_people(fields[1]), text_for_people(fields[2])};
}

std::vector<resin_file> parse_files(std::string_view body) {
  std::vector<resin_file> files;
  // A display name may contain commas, so an entry goes on until there is a slash in it.
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= body.size() && files.size() < files_max;) {
    const auto end = std::min(body.find(',', at), body.size());
    const auto entry = trimmed(body.substr(begin, end - begin));
    at = end + 1;
    const auto slash = entry.rfind('/');
    if (slash == std::string_view::npos)
      continue;
    begin = at;
    const auto internal = trimmed(entry.substr(slash + 1));
    if (!internal.empty())
      files.push_back({text_for_people(entry.substr(0, slash)), escaped_bytes(internal)});
  }
  return files;
}

// -- units ------------------------------------------------------------------

elapsed_unit unit_of_elapsed(const act_status& status, elapsed_unit known) {
  const auto misfit = [&](int64_t seconds) {
    const auto elapsed_s = static_cast<double>(status.elapsed * seconds);
    const auto whole_s = elapsed_s + static_cast<double>(status.remaining_s);
    return whole_s > 0 ? std::abs(elapsed_s * 100 / whole_s - static_cast<double>(status.percent))
                       : 0;
  };
  constexpr double clear_difference = 3;
  const double as_seconds = misfit(1);
  const double as_minutes = misfit(60);
  if (std::abs(as_seconds - as_minutes) < clear_difference)
    return known;
  return as_seconds < as_minutes ? elapsed_unit::seconds : elapsed_unit::minutes;
}

elapsed_unit unit_of_model(std::string_view model) {
  if (model.empty())
    return elapsed_unit::unknown;
  return model.find("6K") != std::string_view::npos ? elapsed_unit::seconds : elapsed_unit::minutes;
}

} // namespace gantry::hal
