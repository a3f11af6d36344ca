#include "hal/slicer/prusa_slicer.hpp"

#include "geometry/gcode_reader.hpp"
#include "geometry/mesh_check.hpp"
#include "geometry/preflight.hpp"
#include "geometry/stl_reader.hpp"
#include "geometry/toolpath_check.hpp"
#include "hal/process/run_process.hpp"
#include "hal/slicer/prusa_messages.hpp"
#include "hal/slicer/slicing_profile.hpp"
#include "schemas/digest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <mutex>
#include <numbers>
#include <numeric>

namespace gantry::slicer {

namespace {

namespace fs = std::filesystem;

constexpr auto model_name = "model.stl";
constexpr auto profile_name = "profile.ini";
constexpr auto gcode_name = "model.gcode";
constexpr auto data_name = "data";
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t first_line_bytes_max = 200;
constexpr std::chrono::seconds probe_time_max{20};

slice_failure failure(refusal why) {
  return {std::move(why), {}, {}};
}

refusal storage_failed(std::string detail) {
  return {reason::storage_failed, {{"detail", std::move(detail)}}};
}

refusal implausible(std::string detail) {
  return {reason::slicer_output_implausible, {{"detail", std::move(detail)}}};
}

outcome validate_request(const slice_request& request) {
  const auto invalid = [](std::string field) {
    return refusal{reason::field_invalid, {{"field", std::move(field)}}};
  };
  const auto& name = request.job_name;
  const bool good_name =
      !name.empty() && name.size() <= name_bytes_max && std::ranges::all_of(name, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
               || (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
      });
  if (!good_name)
    return invalid("job_name");
  if (request.options.copies < 1 || request.options.copies > copies_max)
    return invalid("copies");
  if (request.options.rotation_z_deg < -360 || request.options.rotation_z_deg > 360)
    return invalid("rotation_z_deg");
  return success();
}

/// SHA-256 of a file; empty if it cannot be read.
std::string hash_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return {};
  sha256 hash;
  std::vector<char> buffer(256 * 1024);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
    hash.update({buffer.data(), static_cast<std::size_t>(file.gcount())});
  return file.bad() ? std::string{} : hash.finish_hex();
}

void rotate_z(geometry::mesh& model, int degrees) {
  const auto angle = degrees * std::numbers::pi / 180;
  const auto cosine = std::cos(angle);
  const auto sine = std::sin(angle);
  for (auto& corner : model.vertices) {
    const double x = corner.x;
    const double y = corner.y;
    corner.x = static_cast<float>(x * cosine - y * sine);
    corner.y = static_cast<float>(x * sine + y * cosine);
  }
}

/// Overwrites the first line of the file, which keeps its length.
bool remove_time(const fs::path& gcode) {
  std::fstream file(gcode, std::ios::binary | std::ios::in | std::ios::out);
  std::array<char, first_line_bytes_max> head{};
  file.read(head.data(), head.size());
  const std::string_view text(head.data(), static_cast<std::size_t>(file.gcount()));
  const auto line = without_time(text.substr(0, text.find('\n')));
  if (!line)
    return false;
  file.clear();
  file.seekp(0);
  file.write(line->data(), static_cast<std::streamsize>(line->size()));
  file.close();
  return !file.fail();
}

print_estimate estimate_of(const geometry::gcode_facts& facts) {
  const auto& summary = facts.summary;
  const auto filament_um =
      std::accumulate(summary.filament_um.begin(), summary.filament_um.end(), std::int64_t{0});
  const auto filament_mg =
      std::accumulate(summary.filament_mg.begin(), summary.filament_mg.end(), std::int64_t{0});
  return {.duration_s = summary.time_s.value_or(0),
          .filament_mm = (filament_um + 500) / 1000,
          .filament_mg = filament_mg,
          .layers = summary.layers,
          .height_um = facts.toolpath.printed.max_um[2]};
}

/// The refusal for the first check that failed.
std::optional<refusal> first_failure(const std::vector<check>& checks) {
  const auto failed = std::ranges::find(checks, check_verdict::fail, &check::verdict);
  if (failed == checks.end())
    return std::nullopt;
  const auto value = std::to_string(failed->value);
  const auto limit = std::to_string(failed->limit);
  return refusal{failed->why,
                 {{"value", value},
                  {"limit", limit},
                  {"unit", failed->unit},
                  {"detail", failed->id + ": " + value + " " + failed->unit + ", limit " + limit}}};
}

/// PrusaSlicer passes over settings that it does not know. A warning only: profiles of other
/// versions have some, and most of them matter little.
check check_profile_known(const slicing_profile& profile, const geometry::gcode_summary& summary) {
  const auto unknown = std::ranges::count_if(profile.settings(), [&](const auto& setting) {
    return !setting.second.empty() && !summary.settings.contains(setting.first);
  });
  return {.id = "profile_known",
          .verdict = unknown > 0 ? check_verdict::warn : check_verdict::pass,
          .value = unknown,
          .unit = "settings",
          .why = unknown > 0 ? reason::slicer_bad_profile : reason::ok};
}

/// One request on its way.
class slice_job {
public:
  slice_job(const prusa_slicer_config& config, const slice_request& request, unsigned processor)
      : config_(config),
        request_(request),
        processor_(processor),
        folder_(request.work_folder / request.job_name) {}

  slice_outcome execute(const slice_progress& progress, const std::string& version) {
    found_.slicer_version = version;
    for (const auto step :
         {&slice_job::check_profile, &slice_job::prepare_folder, &slice_job::check_model}) {
      if (const auto done = (this->*step)(); !done)
        return fail(done.why());
    }
    if (const auto done = run(progress); !done)
      return fail(done.why());
    if (const auto done = check_toolpath(); !done)
      return fail(done.why());
    found_.cache_key =
        slice_cache_key(found_.model_sha256, found_.profile_sha256, version, request_.options);
    return std::move(found_);
  }

private:
  slice_outcome fail(const refusal& why) {
    return slice_failure{why, std::move(output_tail_), std::move(found_.checks)};
  }

  outcome check_profile() {
    const auto parsed = parse_profile(request_.profile_text);
    if (!parsed)
      return parsed.why();
    if (const auto valid = validate(*parsed); !valid)
      return valid.why();
    profile_ = *parsed;
    found_.profile_sha256 = parsed->sha256();
    volume_ = *parsed->volume();
    return success();
  }

  /// Copies the model first, so that what is checked is what is sliced.
  outcome prepare_folder() {
    std::error_code fault;
    if (!fs::is_regular_file(request_.model, fault))
      return storage_failed("the model is not a file");
    if (fs::file_size(request_.model, fault) > geometry::stl_bytes_max || fault)
      return refusal{reason::mesh_too_large,
                     {{"limit", std::to_string(geometry::stl_triangles_max)}}};
    if (!fs::create_directory(folder_, fault) || fault)
      return storage_failed("the private folder cannot be made or exists already");
    fs::create_directory(folder_ / data_name, fault);
    if (fault || !fs::copy_file(request_.model, folder_ / model_name, fault) || fault)
      return storage_failed("the model cannot be copied");
    std::ofstream profile(folder_ / profile_name, std::ios::binary);
    profile << profile_.canonical_text();
    profile.close();
    if (!profile)
      return storage_failed("the profile cannot be written");
    found_.model_sha256 = hash_file(folder_ / model_name);
    return success();
  }

  outcome check_model() {
    auto model = geometry::read_stl(folder_ / model_name);
    if (!model) {
      found_.checks = geometry::preflight(model.why());
      return model.why();
    }
    rotate_z(*model, request_.options.rotation_z_deg);
    model_ = geometry::measure(*model);
    const geometry::preflight_limits limits{.build = {volume_.bed_max_um[0] - volume_.bed_min_um[0],
                                                      volume_.bed_max_um[1] - volume_.bed_min_um[1],
                                                      volume_.height_um}};
    found_.checks = geometry::preflight(model_, limits);
    if (const auto failed = first_failure(found_.checks))
      return *failed;
    return success();
  }

  /// Relative names and a fixed environment: PrusaSlicer's output depends on both.
  process::process_spec spec(const slice_progress& progress) const {
    process::process_spec spec;
    spec.argv = {config_.program, "--datadir",  data_name,        "--config-compatibility=disable",
                 "--load",        profile_name, "--export-gcode", "--output",
                 gcode_name};
    if (request_.options.copies > 1)
      spec.argv.insert(spec.argv.end(), {"--duplicate", std::to_string(request_.options.copies)});
    if (request_.options.rotation_z_deg != 0)
      spec.argv.insert(spec.argv.end(),
                       {"--rotate", std::to_string(request_.options.rotation_z_deg)});
    spec.argv.emplace_back(model_name);
    spec.working_folder = folder_;
    spec.memory_max_bytes = config_.memory_max_bytes;
    spec.cpu_time_max = config_.cpu_time_max;
    spec.file_max_bytes = config_.gcode_max_bytes;
    spec.wall_time_max = config_.wall_time_max;
    spec.processor = processor_;
    spec.fixed_layout = true;
    spec.cancel = request_.cancel;
    if (progress)
      spec.on_line = [&progress](std::string_view line) {
        if (const auto read = read_progress(line))
          progress(read->percent, read->step);
      };
    return spec;
  }

  outcome run(const slice_progress& progress) {
    auto ran = process::run_process(spec(progress));
    const auto why = explain(ran, config_.program, config_.wall_time_max);
    output_tail_ = std::move(ran.stderr_tail.empty() ? ran.stdout_tail : ran.stderr_tail);
    found_.deterministic = ran.deterministic;
    found_.memory_peak_bytes = static_cast<std::int64_t>(ran.memory_peak_bytes);
    found_.wall_time_ms = ran.wall_time.count();
    found_.cpu_time_ms = ran.cpu_time.count();
    if (why)
      return *why;
    return success();
  }

  outcome check_toolpath() {
    found_.gcode = folder_ / gcode_name;
    std::error_code fault;
    if (!fs::is_regular_file(found_.gcode, fault))
      return implausible("no toolpath was written");
    const auto facts = geometry::read_gcode(found_.gcode);
    auto checks = facts ? geometry::verify_toolpath(*facts, expectations())
                        : geometry::verify_toolpath(facts.why());
    const auto failed = first_failure(checks);
    std::ranges::move(checks, std::back_inserter(found_.checks));
    if (!facts)
      return facts.why();
    found_.checks.push_back(check_profile_known(profile_, facts->summary));
    if (failed)
      return *failed;
    if (!remove_time(found_.gcode))
      return implausible("the first line is not PrusaSlicer's");
    found_.estimate = estimate_of(*facts);
    found_.filament_mg = facts->summary.filament_mg;
    found_.gcode_size_bytes = static_cast<std::int64_t>(fs::file_size(found_.gcode, fault));
    found_.gcode_sha256 = hash_file(found_.gcode);
    return success();
  }

  geometry::toolpath_expectations expectations() const {
    return {.bed_min_um = volume_.bed_min_um,
            .bed_max_um = volume_.bed_max_um,
            .height_max_um = volume_.height_um,
            .model = model_,
            .copies = request_.options.copies};
  }

  const prusa_slicer_config& config_;
  const slice_request& request_;
  unsigned processor_;
  fs::path folder_;
  slicing_profile profile_;
  printable_volume volume_;
  geometry::mesh_facts model_;
  std::string output_tail_;
  slice_result found_;
};

class prusa_slicer final : public slicer {
public:
  explicit prusa_slicer(prusa_slicer_config config) : config_(std::move(config)) {}

  slice_outcome slice(const slice_request& request, const slice_progress& progress) override {
    if (const auto valid = validate_request(request); !valid)
      return failure(valid.why());
    const auto known = version(request.cancel);
    if (!known)
      return failure(known.why());
    return slice_job(config_, request, next_processor_.fetch_add(1)).execute(progress, *known);
  }

  result<std::string> version(const std::atomic<bool>* cancel) override {
    // Held during the probe, so that it runs once however many threads ask.
    const std::lock_guard lock(mutex_);
    if (!version_.empty())
      return version_;
    process::process_spec spec;
    spec.argv = {config_.program, "--help"};
    spec.memory_max_bytes = config_.memory_max_bytes;
    spec.wall_time_max = std::min(probe_time_max, config_.wall_time_max);
    spec.output_max_bytes = 64 * 1024;
    spec.cancel = cancel;
    const auto ran = process::run_process(spec);
    if (auto why = explain(ran, config_.program, probe_time_max))
      return std::move(*why);
    version_ = find_version(ran.stdout_tail);
    if (version_.empty())
      return refusal{reason::slicer_missing, {{"program", config_.program}}};
    return version_;
  }

private:
  const prusa_slicer_config config_;
  std::mutex mutex_;
  std::string version_;
  /// Spreads concurrent runs over the processors.
  std::atomic<unsigned> next_processor_ = 0;
};

} // namespace

std::unique_ptr<slicer> make_prusa_slicer(prusa_slicer_config config) {
  return std::make_unique<prusa_slicer>(std::move(config));
}

} // namespace gantry::slicer
