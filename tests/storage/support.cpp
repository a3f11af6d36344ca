#include "support.hpp"

#include "storage/data_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

namespace gantry::storage::testing {

scratch_folder::scratch_folder() {
  auto name = (std::filesystem::temp_directory_path() / "gantry-storage-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<rocksdb_store> open_disk(const std::string& folder, uint64_t ballast_bytes) {
  rocksdb_options options;
  options.ballast_bytes = ballast_bytes;
  auto opened = open_rocksdb_store(folder, options);
  BOOST_REQUIRE_MESSAGE(static_cast<bool>(opened), (opened ? std::string{} : opened.why().text()));
  return std::move(*opened);
}

event_envelope make_event(const std::string& data, int64_t at_ms) {
  event_envelope x;
  x.type = "printer_edited";
  x.at = timestamp{std::chrono::milliseconds{at_ms}};
  x.who = kernel_principal("test");
  x.via = "test";
  x.why = reason::requested;
  x.data = "{\"text\":\"" + data + "\"}";
  return x;
}

result<std::string> test_evolve(entity_kind kind, const std::string& before,
                                const event_envelope& event) {
  if (before.empty() != (event.version == 1))
    return refusal{reason::internal_error, {}};
  return std::string{name_of(kind)} + ":" + std::to_string(event.version) + ":" + event.data;
}

commit make_commit(const journal& where, const std::vector<entity_ref>& entities,
                   const std::string& data, bool open) {
  commit what;
  for (const auto& entity : entities) {
    const auto known = where.load(entity);
    auto event = make_event(data);
    event.version = known.version + 1;
    entity_write write{entity, known.version, {}, {}, open};
    write.projection = *test_evolve(entity.kind, known.projection, event);
    write.events.push_back(std::move(event));
    what.writes.push_back(std::move(write));
  }
  return what;
}

void write_all(journal& from, store& to) {
  while (from.has_open_group()) {
    const auto group = from.take_group();
    to.write(group.changes, true);
    from.settled(group.last_seq);
  }
}

dump dump_of(const store& what) {
  dump all;
  const auto view = what.read();
  for (size_t i = 0; i < family_count; ++i) {
    auto& entries = all.emplace_back();
    view->scan(static_cast<family>(i), {}, {}, false,
               [&entries](std::string_view key, std::string_view value) {
                 entries.emplace(key, value);
                 return true;
               });
  }
  return all;
}

} // namespace gantry::storage::testing
