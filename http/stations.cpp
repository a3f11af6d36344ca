// Handlers of resin stations.
#include "http/json_text.hpp"
#include "http/station_json.hpp"
#include "http/submit.hpp"

#include <nlohmann/json.hpp>

namespace gantry::http::handlers {

namespace {

using namespace commands;
using std::chrono::milliseconds;

/// The guard needs some milliseconds; longer means that it is not there.
constexpr milliseconds stop_patience{500};
/// The port's own limit is 3 s; this only guards against a port that never answers.
constexpr milliseconds probe_patience{4'000};
/// A list of files may wait for a silence after a pause, and for one whole reply.
constexpr milliseconds listing_patience{15'000};

/// The stored station that the path names.
std::optional<station> find_station(const exchange& x) {
  if (!well_formed_id(station_id::prefix, x.asked.id))
    return std::nullopt;
  const auto stored = x.view.get({entity_kind::station, x.asked.id});
  if (!stored)
    return std::nullopt;
  auto decoded = from_json_text<station>(stored->json, strictness::stored);
  return decoded ? std::optional{std::move(*decoded)} : std::nullopt;
}

response no_station(const exchange& x) {
  return problem({reason::not_found, {{"kind", "station"}, {"id", x.asked.id}}},
                 x.asked.request_id);
}

/// Decides a command whose body is `Command` and whose pump or control stands in the path.
template <class Command, class Complete>
response decide_about(exchange& x, Complete complete) {
  station_id id;
  if (!take_id(x, id))
    return no_station(x);
  auto decoded = from_json_text<Command>(body_text(x.asked), strictness::request);
  if (!decoded)
    return problem(decoded.why(), x.asked.request_id);
  decoded->id = id;
  complete(*decoded);
  auto note = decoded->note;
  return decide(x, std::move(*decoded), std::move(note));
}

template <class Command>
response preview(exchange& x,
                 std::vector<station_check> (actors::kernel::*ask)(const station&, const Command&)
                     const) {
  const auto where = find_station(x);
  if (!where)
    return no_station(x);
  auto decoded = from_json_text<Command>(body_text(x.asked), strictness::request);
  if (!decoded)
    return problem(decoded.why(), x.asked.request_id);
  const auto checks = (x.all.kernel.*ask)(*where, *decoded);
  bool ok = true;
  for (const auto& check : checks)
    ok = ok && check.verdict != check_verdict::fail;
  response answer;
  answer.body = std::string{R"({"ok":)"} + (ok ? "true" : "false") + R"(,"checks":)"
                + checks_json(checks) + "}";
  return answer;
}

} // namespace

template response command_on<add_station>(exchange&);
template response command_on<edit_station>(exchange&);
template response command_on<retire_station>(exchange&);
template response command_on<set_recipe>(exchange&);
template response command_on<set_level>(exchange&);
template response command_on<start_station>(exchange&);
template response command_on<attach_station>(exchange&);
template response command_on<stop_station>(exchange&);
template response command_on<answer_station>(exchange&);
template response command_on<acknowledge_station>(exchange&);

template <resin_control Control>
response control_resin(exchange& x) {
  return decide_about<control_station>(x, [](control_station& body) { body.control = Control; });
}

template response control_resin<resin_control::pause>(exchange&);
template response control_resin<resin_control::resume>(exchange&);
template response control_resin<resin_control::stop>(exchange&);

response run_pump(exchange& x) {
  const auto pump = x.asked.item;
  return decide_about<run_station_pump>(x, [pump](run_station_pump& body) { body.pump = pump; });
}

response stop_pump(exchange& x) {
  const auto pump = x.asked.item;
  return decide_about<stop_station_pump>(x, [pump](stop_station_pump& body) { body.pump = pump; });
}

response check_start(exchange& x) {
  return preview<start_station>(x, &actors::kernel::check_start);
}

response check_attach(exchange& x) {
  return preview<attach_station>(x, &actors::kernel::check_attach);
}

response list_resin_files(exchange& x) {
  const auto where = find_station(x);
  if (!where)
    return no_station(x);
  const auto slot = std::make_shared<mailbox<actors::station_files>>();
  x.all.kernel.list_files(where->id,
                          [slot](actors::station_files found) { slot->put(std::move(found)); });
  const auto found = slot->take(listing_patience, x.all.stopping);
  if (!found || found->answer.outcome != hal::port_outcome::done)
    return problem({reason::resin_printer_silent,
                    {{"station", where->setup.name},
                     {"detail", found ? found->answer.detail : "it did not list its files"}}},
                   x.asked.request_id);
  response answer;
  answer.body = R"({"items":[)";
  for (const auto& file : found->files) {
    if (answer.body.back() != '[')
      answer.body += ',';
    int64_t layers = 0;
    for (const auto& known : where->files)
      if (known.internal_file == file.internal_name)
        layers = known.layers;
    answer.body += R"({"file":)" + json_quoted(file.name) + R"(,"internal_file":)"
                   + json_quoted(file.internal_name) + R"(,"layers":)" + std::to_string(layers)
                   + "}";
  }
  answer.body += "]}";
  return answer;
}

/// The lines go off before anything else is looked at; the record follows.
response emergency_stop(exchange& x) {
  station_id id;
  if (!take_id(x, id))
    return no_station(x);
  const auto lines_off = x.all.kernel.stop_pumps(id, stop_patience);
  emergency_stop_station body;
  body.id = id;
  const auto reply = submit(x, body, {}, {});
  if (!reply && reply.why().code == reason::not_found)
    return no_station(x);
  if (lines_off && !*lines_off)
    return problem(
        {reason::pumps_unavailable,
         {{"station", id.value},
          {"detail", "the guard did not confirm that the lines are off; cut the power"}}},
        x.asked.request_id);
  const std::string off =
      std::string{R"(,"lines_off":)"} + (lines_off ? "true" : "null") + R"(,"recorded":)";
  if (reply)
    return answer_with(x, *reply, off + "true");
  response answer;
  answer.body = R"({"id":")" + id.value + "\"" + off + "false}";
  return answer;
}

response test_station(exchange& x) {
  const auto refuse = [&x](const refusal& why) { return problem(why, x.asked.request_id); };
  auto parsed = parse_json(body_text(x.asked));
  if (!parsed)
    return refuse(parsed.why());
  if (!parsed->is_object())
    return refuse(
        {reason::field_invalid, {{"field", "the body"}, {"detail", "an object is expected"}}});
  // The fields of a set-up: the same rules as for adding the station.
  nlohmann::json setup = std::move(*parsed);
  setup["name"] = "test";
  auto decoded = from_json_value<add_station>({{"setup", setup}}, strictness::request);
  if (!decoded)
    return refuse(decoded.why());
  hal::resin_config config;
  config.name = decoded->setup.address();
  config.host = decoded->setup.host;
  config.port = static_cast<uint16_t>(decoded->setup.port);
  const auto began = x.all.kernel.parts().clock->mono();
  const auto slot = std::make_shared<mailbox<hal::port_answer>>();
  x.all.kernel.probe(config, [slot](hal::port_answer answer) { slot->put(std::move(answer)); });
  const auto probed =
      slot->take(probe_patience, x.all.stopping)
          .value_or(hal::port_answer{hal::port_outcome::refused, reason::link_timeout, {}, 0});
  const auto took =
      std::chrono::duration_cast<milliseconds>(x.all.kernel.parts().clock->mono() - began).count();
  const reason_params params{{"printer", config.name},
                             {"address", config.name},
                             {"host", config.host},
                             {"port", std::to_string(config.port)},
                             {"seconds", std::to_string((took + 999) / 1'000)},
                             {"detail", probed.detail}};
  response answer;
  answer.body =
      std::string{R"({"ok":)"} + (probed.outcome == hal::port_outcome::done ? "true" : "false")
      + R"(,"reason":")" + std::string{to_string(probed.why)} + R"(","detail":)"
      + json_quoted(render(probed.why, params)) + R"(,"elapsed_ms":)" + std::to_string(took) + "}";
  return answer;
}

response calibrate(exchange& x) {
  const auto pump = x.asked.item;
  return decide_about<calibrate_pump>(x, [pump](calibrate_pump& body) { body.pump = pump; });
}

} // namespace gantry::http::handlers
