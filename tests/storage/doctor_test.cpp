// The doctor finds each kind of damage, and a rebuild makes what the log says.
#include "storage/doctor.hpp"
#include "storage/initialise.hpp"
#include "storage/reader.hpp"
#include "storage/record.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

const entity_ref run_a{entity_kind::run, "run-a"};
const entity_ref run_b{entity_kind::run, "run-b"};
const entity_ref plate_a{entity_kind::plate, "plt-a"};

/// Three entities, seven events; run-b is closed.
struct small_store {
  memory_store memory;

  small_store() {
    BOOST_REQUIRE(!!initialise(memory, {1, 2}));
    journal log{memory, {}};
    for (size_t i = 0; i < 2; ++i)
      (void)log.admit(make_commit(log, {run_a, run_b, plate_a}, std::to_string(i)));
    (void)log.admit(make_commit(log, {run_b}, "done", false));
    write_all(log, memory);
  }

  void change_record(const entity_ref& entity, const std::function<void(record_header&)>& edit,
                     const std::string& json_tail = {}) {
    const auto bytes = *memory.read()->get(family_of(entity.kind), entity.id);
    auto record = *decode_record(bytes);
    edit(record.header);
    memory.write({{family_of(entity.kind), entity.id,
                   encode_record(record.header, std::string{record.json} + json_tail)}},
                 true);
  }

  /// Kinds of difference that are found, each followed by how often.
  std::string differences() const {
    std::string found;
    for (const auto& [what, count] : examine(memory, test_evolve).counts)
      found += std::string{name_of(what)} + " " + std::to_string(count) + "; ";
    return found;
  }
};

bool is_open_in_test(entity_kind, const std::string& state) {
  return state.find("done") == std::string::npos;
}

/// Another fold: the same and an exclamation mark.
result<std::string> louder_evolve(entity_kind kind, const std::string& before,
                                  const event_envelope& event) {
  auto after = test_evolve(kind, before, event);
  if (after)
    *after += "!";
  return after;
}

fold_table with_louder_runs() {
  auto folds = fold_versions;
  ++folds[static_cast<size_t>(entity_kind::run)];
  return folds;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_sound_store_is_clean, small_store) {
  const auto report = examine(memory, test_evolve);
  BOOST_TEST(report.clean());
  BOOST_TEST(report.events == 7u);
  BOOST_TEST(report.entities == 3u);
  BOOST_TEST(report.last_seq == 7u);
}

BOOST_FIXTURE_TEST_CASE(a_changed_projection_is_found, small_store) {
  change_record(
      run_a, [](record_header&) {}, "x");
  const auto report = examine(memory, test_evolve);
  BOOST_TEST(report.counts.at(difference::state_differs) == 1u);
  BOOST_TEST(report.findings.at(0).subject == "run/run-a");
}

BOOST_FIXTURE_TEST_CASE(a_wrong_header_is_found, small_store) {
  change_record(run_a, [](record_header& x) { ++x.version; });
  BOOST_TEST(differences() == "header_differs 1; ");
}

BOOST_FIXTURE_TEST_CASE(a_missing_projection_is_found, small_store) {
  memory.write({{family::plates, plate_a.id, std::nullopt}}, true);
  BOOST_TEST(differences() == "projection_missing 1; ");
}

BOOST_FIXTURE_TEST_CASE(a_projection_without_events_is_found, small_store) {
  memory.write({{family::plates, "plt-z", encode_record({}, "{}")}}, true);
  BOOST_TEST(differences() == "projection_surplus 1; ");
}

BOOST_FIXTURE_TEST_CASE(a_missing_event_is_found, small_store) {
  memory.write({{family::events, be64(2), std::nullopt}}, true);
  BOOST_TEST(differences() == "seq_gap 1; event_unreadable 1; ");
}

BOOST_FIXTURE_TEST_CASE(a_gap_in_a_stream_is_found, small_store) {
  memory.write({{family::streams, stream_key(run_b, 2), std::nullopt}}, true);
  BOOST_TEST(differences() == "event_not_streamed 1; version_gap 1; ");
}

BOOST_FIXTURE_TEST_CASE(wrong_index_entries_are_found, small_store) {
  memory.write({{family::index, open_key(run_a), std::nullopt}}, true);
  BOOST_TEST(differences() == "index_missing 1; ");
  memory.write({{family::index, open_key(run_b), be64(2)}}, true);
  BOOST_TEST(differences() == "index_missing 1; index_surplus 1; ");
  memory.write({{family::index, created_key(entity_kind::run, 77), run_a.id}}, true);
  BOOST_TEST(differences() == "index_missing 1; index_surplus 2; ");
}

BOOST_FIXTURE_TEST_CASE(a_new_fold_is_noticed_and_rebuilt, small_store) {
  const auto folds = with_louder_runs();
  BOOST_TEST(outdated_kinds(memory).empty());
  BOOST_TEST((outdated_kinds(memory, folds) == std::vector{entity_kind::run}));
  const auto before = examine(memory, louder_evolve, folds);
  BOOST_TEST(before.other_folds == 2u);
  const auto plate_before = reader{memory}.get(plate_a)->json;
  const auto made = rebuild(memory, louder_evolve, is_open_in_test, folds);
  BOOST_TEST_REQUIRE(!!made);
  BOOST_TEST(*made == 2u);
  BOOST_TEST(outdated_kinds(memory, folds).empty());
  BOOST_TEST(reader{memory}.get(run_a)->json.back() == '!');
  BOOST_TEST(reader{memory}.get(plate_a)->json == plate_before);
  BOOST_TEST(reader{memory}.count_open(entity_kind::run) == 1u);
  BOOST_TEST(*rebuild(memory, louder_evolve, is_open_in_test, folds) == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_fold_that_refuses_an_event_changes_nothing, small_store) {
  const auto before = dump_of(memory);
  const auto refusing = [](entity_kind, const std::string&, const event_envelope& event) {
    return event.version == 3 ? result<std::string>{refusal{reason::internal_error, {}}}
                              : result<std::string>{std::string{"{}"}};
  };
  BOOST_TEST(!rebuild(memory, refusing, is_open_in_test, with_louder_runs()));
  BOOST_TEST((dump_of(memory) == before));
}

BOOST_FIXTURE_TEST_CASE(lost_projections_are_made_from_the_log_alone, small_store) {
  const auto before = dump_of(memory);
  batch loss;
  for (const auto where : {family::runs, family::plates, family::index})
    for (const auto& [key, value] : before[static_cast<size_t>(where)])
      loss.push_back({where, key, std::nullopt});
  memory.write(loss, true);
  BOOST_TEST(*rebuild(memory, test_evolve, is_open_in_test) == 3u);
  BOOST_TEST((dump_of(memory) == before));
}

BOOST_AUTO_TEST_CASE(a_store_gets_its_identity_once) {
  memory_store memory;
  const auto first = *initialise(memory, {1, 2});
  const auto second = *initialise(memory, {3, 4});
  BOOST_TEST(first.fresh);
  BOOST_TEST(!second.fresh);
  BOOST_TEST(first.site == second.site);
  BOOST_TEST(first.epoch == second.epoch);
  BOOST_TEST(reader{memory}.epoch() == first.epoch);
  BOOST_TEST(memory.unsynced_writes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_store_of_a_newer_version_is_refused) {
  memory_store memory;
  (void)*initialise(memory, {1, 2});
  memory.write({{family::meta, "layout", std::to_string(layout_version + 1)}}, true);
  const auto before = dump_of(memory);
  const auto refused = initialise(memory, {1, 2});
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.why().code == reason::store_too_new));
  BOOST_TEST((dump_of(memory) == before));
}
