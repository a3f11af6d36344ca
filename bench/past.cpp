// The past of a farm: orders that were accepted, held a few times, and cancelled.
#include "bench/served_farm.hpp"
#include "hal/clock.hpp"
#include "rules/evolve.hpp"
#include "schemas/envelope.hpp"
#include "storage/initialise.hpp"
#include "storage/journal.hpp"
#include "storage/rocksdb_store.hpp"

#include <stdexcept>

namespace gantry::bench {

namespace {

/// The events of one order, the last of which closes it.
std::vector<any_event> story_of(const order_id& id, size_t number, size_t length) {
  events::order_accepted first;
  first.id = id;
  first.reference = "PAST-" + std::to_string(number);
  first.lines.emplace_back();
  first.lines.back().name = "Bracket, left";
  first.lines.back().material = "PLA";
  first.plans.push_back(plan_id{"plan-of-" + id.value});
  std::vector<any_event> story{first};
  while (story.size() + 1 < length) {
    if (story.size() % 2 == 1)
      story.emplace_back(events::order_line_held{
          0, reason::mesh_too_large, {{"axis", "x"}, {"size", "412 mm"}, {"limit", "220 mm"}}});
    else
      story.emplace_back(events::order_line_preparing{0});
  }
  story.emplace_back(events::order_cancelled{});
  return story;
}

storage::commit commit_of(const order_id& id, const std::vector<any_event>& story, timestamp at) {
  storage::entity_write write{.entity = ref_of(id), .expected = 0, .events = {}, .projection = {}};
  auto state = blank_state(entity_kind::order);
  for (const auto& each : story) {
    event_envelope envelope;
    envelope.type = type_of(each);
    envelope.schema = current_schema(envelope.type);
    envelope.at = at;
    envelope.who = kernel_principal("bench");
    envelope.via = "bench";
    envelope.correlation = id.value;
    envelope.data = encode_event(each);
    write.events.push_back(std::move(envelope));
    state = rules::evolve(std::move(state), each, at);
  }
  write.projection = encode_state(state);
  write.open = is_open(state);
  storage::commit what;
  what.writes.push_back(std::move(write));
  return what;
}

} // namespace

void write_past(const std::string& folder, const past_options& past) {
  const auto time = hal::make_system_clock();
  const auto chance = hal::make_system_id_source();
  auto opened = storage::open_rocksdb_store(folder, {.warn = {}});
  if (!opened)
    throw std::runtime_error{opened.why().text()};
  auto& store = **opened;
  if (auto made = storage::initialise(store, {chance->bits(), chance->bits()}); !made)
    throw std::runtime_error{made.why().text()};
  storage::journal journal{store, {}};
  const auto write_group = [&] {
    const auto group = journal.take_group();
    store.write(group.changes, false);
    journal.settled(group.last_seq);
  };
  for (size_t i = 0; i < past.orders; ++i) {
    const order_id id{make_id(order_id::prefix, chance->bits())};
    if (journal.admit(commit_of(id, story_of(id, i, past.events_per_order), time->wall())).answer
        != storage::admission::admitted)
      throw std::runtime_error{"the disk is too full to measure"};
    if (i % 200 == 199)
      write_group();
  }
  if (journal.has_open_group())
    write_group();
}

} // namespace gantry::bench
