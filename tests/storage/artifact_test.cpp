// Files by digest: whole or not at all.
#include "schemas/digest.hpp"
#include "storage/artifact_store.hpp"
#include "support.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

struct artifacts {
  scratch_folder folder;
  uint64_t free_bytes = UINT64_MAX;
  std::unique_ptr<artifact_store> files = open();

  std::unique_ptr<artifact_store> open() {
    auto opened = open_artifact_store(folder / "files", [this] { return free_bytes; });
    BOOST_REQUIRE(!!opened);
    return std::move(*opened);
  }

  std::string store(const std::string& bytes) {
    auto upload = files->begin(bytes.size());
    BOOST_REQUIRE(!!upload);
    BOOST_REQUIRE(!!(*upload)->append(bytes));
    auto done = (*upload)->finish();
    BOOST_REQUIRE(!!done);
    return done->sha256;
  }

  size_t file_count() const {
    const std::filesystem::recursive_directory_iterator all{folder / "files"};
    return static_cast<size_t>(
        std::count_if(begin(all), end(all), [](const auto& x) { return x.is_regular_file(); }));
  }
};

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_file_is_found_under_its_digest, artifacts) {
  auto upload = files->begin(100);
  BOOST_TEST(!!(*upload)->append("solid "));
  BOOST_TEST(!!(*upload)->append("cube"));
  const auto done = (*upload)->finish();
  BOOST_TEST_REQUIRE(!!done);
  BOOST_TEST(done->sha256 == sha256_hex("solid cube"));
  BOOST_TEST(done->size_bytes == 10u);
  BOOST_TEST(content_of(files->path_of(done->sha256)) == "solid cube");
  BOOST_TEST(files->path_of(done->sha256).find("/" + done->sha256.substr(0, 2) + "/")
             != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_same_content_is_stored_once, artifacts) {
  BOOST_TEST(store("cube") == store("cube"));
  BOOST_TEST(file_count() == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_upload_leaves_nothing, artifacts) {
  {
    auto upload = files->begin(100);
    BOOST_TEST(!!(*upload)->append("half"));
    BOOST_TEST(file_count() == 1u);
  }
  BOOST_TEST(file_count() == 0u);
}

BOOST_FIXTURE_TEST_CASE(uploads_that_a_crash_left_go_when_the_store_is_opened, artifacts) {
  const auto kept = store("cube");
  std::ofstream{folder / "files/upload-1-1"} << "half";
  files = open();
  BOOST_TEST(file_count() == 1u);
  BOOST_TEST(!files->path_of(kept).empty());
}

BOOST_FIXTURE_TEST_CASE(a_file_over_its_limit_is_refused_for_good, artifacts) {
  auto upload = files->begin(4);
  BOOST_TEST(!!(*upload)->append("1234"));
  const auto over = (*upload)->append("5");
  BOOST_TEST_REQUIRE(!over);
  BOOST_TEST((over.why().code == reason::payload_too_large));
  BOOST_TEST(over.why().text().find('4') != std::string::npos);
  BOOST_TEST(!(*upload)->append(""));
  BOOST_TEST(!(*upload)->finish());
  upload->reset();
  BOOST_TEST(file_count() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_nearly_full_disk_refuses_uploads, artifacts) {
  free_bytes = 64ull << 20;
  auto upload = files->begin(100);
  const auto refused = (*upload)->append("cube");
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.why().code == reason::storage_low));
}

BOOST_FIXTURE_TEST_CASE(a_sweep_takes_what_is_unused_and_old, artifacts) {
  const auto used = store("used");
  const auto unused = store("unused");
  const auto is_used = [&](const std::string& x) { return x == used; };
  BOOST_TEST(files->sweep(is_used, 3'600) == 0u);
  BOOST_TEST(files->sweep(is_used, -1) == 1u);
  BOOST_TEST(!files->path_of(used).empty());
  BOOST_TEST(files->path_of(unused).empty());
}

BOOST_FIXTURE_TEST_CASE(an_adopted_file_is_a_copy, artifacts) {
  const auto path = folder / "model.stl";
  std::ofstream{path} << "cube";
  const auto done = files->adopt(path);
  BOOST_TEST_REQUIRE(!!done);
  std::ofstream{path} << "changed";
  BOOST_TEST(content_of(files->path_of(done->sha256)) == "cube");
  BOOST_TEST(!files->adopt(folder / "none"));
}

BOOST_FIXTURE_TEST_CASE(only_digests_name_files, artifacts) {
  std::ofstream{folder / "secret"} << "x";
  BOOST_TEST(files->path_of("../secret").empty());
  BOOST_TEST(files->path_of("").empty());
  BOOST_TEST(files->path_of(std::string(64, 'a')).empty());
}
