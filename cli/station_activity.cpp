#include "cli/station_activity.hpp"

#include "logging/log.hpp"
#include "schemas/codec.hpp"
#include "schemas/envelope.hpp"
#include "schemas/station.hpp"

#include <map>

namespace gantry::cli {

namespace {

/// Longer fields are those of a whole set-up, which the store has.
constexpr size_t fields_bytes_max = 2'000;

/// Whether a station's print under way is a dry run, for the events that do not say it by
/// themselves. Asked once for each station and look.
class dry_runs {
public:
  explicit dry_runs(const storage::reader& view) : view_{view} {}

  bool contain(const entity_ref& entity) {
    const auto [position, is_new] = known_.try_emplace(entity.id, false);
    if (is_new)
      if (const auto stored = view_.get(entity)) {
        const auto where = from_json_text<station>(stored->json, strictness::stored);
        position->second = where && where->has_open_job() && where->job->simulation;
      }
    return position->second;
  }

private:
  const storage::reader& view_;
  std::map<std::string, bool> known_;
};

logging::level severity_of(std::string_view type) {
  if (type == events::station_emergency_stopped::type)
    return logging::level::error;
  const bool warns =
      type == events::station_error_raised::type || type == events::station_warned::type;
  return warns ? logging::level::warning : logging::level::info;
}

} // namespace

void station_activity::follow(const storage::reader& view) {
  dry_runs dry{view};
  view.events_after(told_, [&](uint64_t seq, std::string_view encoded) {
    told_ = seq;
    const auto event = decode_envelope(encoded);
    if (!event || event->entity.kind != entity_kind::station)
      return true;
    const auto says = [&event](std::string_view what) {
      return event->data.find(what) != std::string::npos;
    };
    const auto simulated = says(R"("simulation":true)")
                           || (!says(R"("simulation":false)") && dry.contain(event->entity));
    auto text = std::string{simulated ? "SIMULATION. " : ""} + event->type;
    if (event->why != reason::ok)
      text += ": " + render(event->why, event->why_params);
    logging::write(severity_of(event->type), "stations", std::move(text),
                   {{"station", event->entity.id},
                    {"by", event->who.name},
                    {"data", event->data.size() <= fields_bytes_max ? event->data : ""}});
    return true;
  });
}

} // namespace gantry::cli
