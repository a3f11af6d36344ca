#include "hal/sim/klipper_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hal/sim/klipper_internal.hpp"

namespace gantry::sim {
namespace {

constexpr double cooling_share = 0.25;
constexpr printer_time activity_tail{500'000};
constexpr printer_time idle_timeout{1'800'000'000};

} // namespace

std::string_view to_string(klippy_state state) {
  switch (state) {
  case klippy_state::disconnected:
    return "disconnected";
  case klippy_state::startup:
    return "startup";
  case klippy_state::ready:
    return "ready";
  case klippy_state::error:
    return "error";
  case klippy_state::shutdown:
    return "shutdown";
  }
  return "";
}

// -- heaters -------------------------------------------------------------------

double heater_model::temperature_c(printer_time at) const {
  const double elapsed_s = in_seconds(at - since);
  const double goal = std::max(target_c, ambient_c);
  if (goal > base_c) {
    const double c = base_c + elapsed_s * heat_c_per_s;
    if (c < goal)
      return c;
  } else {
    const double c = base_c - elapsed_s * heat_c_per_s * cooling_share;
    if (c > goal)
      return c;
  }
  // A regulated heater swings slowly around its target.
  return target_c > ambient_c ? goal + ripple_c * std::sin(in_seconds(at) * 0.7) : goal;
}

void heater_model::set_target(printer_time at, double c) {
  base_c = temperature_c(at);
  since = at;
  target_c = c;
}

printer_time heater_model::time_to_target(printer_time at) const {
  const double missing_c = target_c - ripple_c - temperature_c(at);
  return missing_c > 0 ? printer_seconds(missing_c / heat_c_per_s) : printer_time(0);
}

bool heater_model::settled(printer_time at) const {
  return target_c <= ambient_c && temperature_c(at) <= ambient_c;
}

// -- time ----------------------------------------------------------------------

klipper_model::klipper_model(klipper_options options, printer_files& files)
    : options_(options), files_(files) {
  extruder_ = {options.extruder_heat_c_per_s,
               options.ambient_c,
               options.ripple_c,
               options.ambient_c,
               0,
               printer_time(0)};
  bed_ = extruder_;
  bed_.heat_c_per_s = options.bed_heat_c_per_s;
}

klipper_model::~klipper_model() = default;

void klipper_model::advance(printer_time to) {
  while (state_ == klippy_state::ready && busy_until_ <= to) {
    now_ = std::max(now_, busy_until_);
    heat_wait_ = false;
    if (running_)
      run_script_command();
    else if (!queue_.empty())
      start_next_script();
    else if (sdcard_.active)
      run_file_slice();
    else
      break;
  }
  now_ = std::max(now_, to);
  if (active_until_ && now_ - *active_until_ > idle_timeout && idle_state() == "Idle") {
    turn_off_heaters();
    active_until_.reset();
    homed_axes_.clear();
  }
}

bool klipper_model::settled() const {
  const bool resting = !mutex_busy() && !sdcard_.active && busy_until_ <= now_;
  const bool quiet = !active_until_ || now_ - *active_until_ > activity_tail;
  return resting && quiet && !counting_ && extruder_.settled(now_) && bed_.settled(now_);
}

std::optional<printer_time> klipper_model::script_deadline() const {
  if (!mutex_busy() || state_ != klippy_state::ready)
    return std::nullopt;
  return std::max(busy_until_, now_);
}

bool klipper_model::mutex_busy() const {
  return running_ != nullptr || !queue_.empty();
}

bool klipper_model::waits_for_heat() const {
  return heat_wait_ && busy_until_ > now_;
}

void klipper_model::touch_activity(printer_time until) {
  active_until_ = std::max(active_until_.value_or(until), until);
}

std::string klipper_model::idle_state() const {
  if (sdcard_.active || (active_until_ && now_ - *active_until_ <= activity_tail))
    return "Printing";
  return active_until_ && now_ - *active_until_ <= idle_timeout ? "Ready" : "Idle";
}

// -- scripts -------------------------------------------------------------------

uint64_t klipper_model::submit(std::vector<gcode_command> commands, std::string origin) {
  const auto token = ++last_token_;
  if (state_ != klippy_state::ready || queue_.size() >= queue_max) {
    results_.push_back({token, true, state_message_});
    return token;
  }
  queue_.push_back({token, std::move(commands), std::move(origin), 0});
  advance(now_);
  return token;
}

void klipper_model::start_next_script() {
  running_ = std::make_unique<script>(std::move(queue_.front()));
  queue_.pop_front();
  origin_ = running_->origin;
}

void klipper_model::run_script_command() {
  if (running_->next >= running_->commands.size()) {
    finish_script(false, {});
    return;
  }
  const auto command = running_->commands[running_->next++];
  const auto done = execute(command, false);
  if (!running_)
    return;
  if (done.failed) {
    finish_script(true, done.error);
    return;
  }
  add_extrusion(done.extrusion_mm);
  if (done.duration > printer_time(0)) {
    busy_until_ = now_ + done.duration;
    heat_wait_ = done.waits_for_heat;
    touch_activity(busy_until_);
  }
}

void klipper_model::finish_script(bool failed, std::string error) {
  if (failed)
    respond("!! " + error);
  results_.push_back({running_->token, failed, std::move(error)});
  running_.reset();
}

// -- the virtual SD card -------------------------------------------------------

void klipper_model::run_file_slice() {
  if (line_left_ > printer_time(0))
    consume_slice(std::min(line_left_, slice_max));
  else
    run_file_line();
}

void klipper_model::consume_slice(printer_time slice) {
  line_left_ -= slice;
  busy_until_ = now_ + slice;
  touch_activity(busy_until_);
  const auto total = std::max<double>(1, static_cast<double>(line_total_.count()));
  const double share = static_cast<double>(slice.count()) / total;
  add_extrusion(line_extrusion_mm_ * share);
  // A long line of a short test file still shows smooth progress.
  const double left = static_cast<double>(line_left_.count()) / total;
  const auto bytes = static_cast<double>(lines_->position() - line_from_);
  sdcard_.position = lines_->position() - static_cast<uint64_t>(bytes * left);
}

void klipper_model::run_file_line() {
  line_from_ = lines_->position();
  const auto line = lines_->next();
  if (!line) {
    sdcard_.position = sdcard_.size;
    if (now_ < started_at_ + options_.print_min) {
      busy_until_ = started_at_ + options_.print_min;
      return;
    }
    close_print("complete", {});
    return;
  }
  step done;
  if (const auto command = parse_gcode(*line))
    done = execute(*command, true);
  if (!lines_)
    return;
  sdcard_.position = lines_->position();
  if (done.failed) {
    respond("!! " + done.error);
    close_print("error", done.error);
    return;
  }
  const bool timed = us_per_byte_ > 0 && line_from_ >= timed_from_ && line_from_ < timed_to_;
  const auto bytes = static_cast<double>(lines_->position() - line_from_);
  const auto share = timed ? printer_time(std::llround(bytes * us_per_byte_)) : printer_time(0);
  const bool shared = us_per_byte_ > 0 || done.is_move;
  line_left_ = line_total_ = us_per_byte_ > 0 ? share : shared ? done.duration : printer_time(0);
  line_extrusion_mm_ = done.extrusion_mm;
  if (line_left_ == printer_time(0))
    add_extrusion(done.extrusion_mm);
  // Waiting for heat comes on top of what the slicer estimated.
  if (!done.is_move && done.duration > printer_time(0)) {
    busy_until_ = now_ + done.duration;
    heat_wait_ = done.waits_for_heat;
    touch_activity(busy_until_);
  }
}

void klipper_model::add_extrusion(double mm) {
  if (!counting_ || paused_at_ || mm == 0)
    return;
  if (!extruded_ && mm > 0) {
    extruded_ = true;
    init_duration_s_ = in_seconds(now_ - started_at_ - paused_total_);
    emit(klipper_event::kind::extrusion_began, sdcard_.path);
  }
  stats_.filament_used_mm += mm;
}

void klipper_model::open_file(const std::string& name, step& result) {
  if (sdcard_.active) {
    result.failed = true;
    result.error = "SD busy";
    emit(klipper_event::kind::start_refused, result.error, name);
    return;
  }
  // The open job is given up before the new file is looked for: this is what destroys a paused one.
  reset_file();
  const auto dot = name.rfind('.');
  auto suffix = dot == std::string::npos ? std::string() : name.substr(dot + 1);
  for (auto& c : suffix)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool printable = suffix == "gcode" || suffix == "g" || suffix == "gco";
  const auto found = printable ? find_any_case(files_, name) : std::nullopt;
  auto file = found ? files_.open(found->path) : nullptr;
  if (!file) {
    result.failed = true;
    result.error = "Unable to open file";
    emit(klipper_event::kind::start_refused, result.error, name);
    return;
  }
  const auto notes = scan_gcode(*file);
  us_per_byte_ = 0;
  timed_from_ = notes.gcode_start_byte;
  timed_to_ = notes.gcode_end_byte;
  if (options_.use_slicer_time && notes.estimated_time_s && timed_to_ > timed_from_)
    us_per_byte_ = *notes.estimated_time_s * 1e6 / static_cast<double>(timed_to_ - timed_from_);
  sdcard_ = {found->path, false, 0, file->size()};
  respond("File opened:" + found->path + " Size:" + std::to_string(file->size()));
  respond("File selected");
  lines_ = std::make_unique<gcode_lines>(std::move(file));
  stats_.filename = name;
  job_open_ = true;
  emit(klipper_event::kind::print_started, found->path, name);
  resume_file();
}

void klipper_model::reset_file() {
  finish_job("cancelled");
  clear_job();
}

void klipper_model::finish_job(std::string outcome, std::string message) {
  if (std::exchange(job_open_, false))
    emit(klipper_event::kind::print_finished, std::move(outcome), std::move(message));
}

void klipper_model::clear_job() {
  lines_.reset();
  sdcard_ = {};
  stats_ = {};
  counting_ = extruded_ = false;
  paused_at_.reset();
  paused_total_ = printer_time(0);
  init_duration_s_ = 0;
  line_left_ = printer_time(0);
  objects_.clear();
  excluded_.clear();
  current_object_.clear();
  sd_paused_ = false;
}

void klipper_model::resume_file() {
  if (!lines_)
    return;
  if (!counting_) {
    counting_ = true;
    started_at_ = now_;
  } else if (paused_at_) {
    paused_total_ += now_ - *paused_at_;
    emit(klipper_event::kind::print_resumed, sdcard_.path);
  }
  paused_at_.reset();
  stats_.state = "printing";
  stats_.message.clear();
  sdcard_.active = true;
  touch_activity(now_);
}

void klipper_model::pause_file() {
  if (!sdcard_.active)
    return;
  sdcard_.active = false;
  stats_.state = "paused";
  paused_at_ = now_;
  emit(klipper_event::kind::print_paused, sdcard_.path);
}

void klipper_model::close_print(const std::string& state, const std::string& message) {
  const auto final_stats = print_stats();
  stats_.total_duration_s = final_stats.total_duration_s;
  stats_.print_duration_s = final_stats.print_duration_s;
  stats_.state = state;
  stats_.message = message;
  counting_ = false;
  paused_at_.reset();
  sdcard_.active = false;
  line_left_ = printer_time(0);
  finish_job(state, message);
  if (state == "complete") {
    lines_.reset();
    sdcard_.path.clear();
    respond("Done printing file");
  } else if (state == "cancelled") {
    lines_.reset();
    sdcard_ = {};
  } else {
    turn_off_heaters();
  }
}

print_stats_model klipper_model::print_stats() const {
  auto stats = stats_;
  if (!reported_filename_.empty() && !stats.filename.empty())
    stats.filename = reported_filename_;
  if (!counting_)
    return stats;
  auto paused = paused_total_;
  if (paused_at_)
    paused += now_ - *paused_at_;
  stats.total_duration_s = in_seconds(now_ - started_at_);
  if (extruded_)
    stats.print_duration_s =
        std::max(0.0, stats.total_duration_s - init_duration_s_ - in_seconds(paused));
  return stats;
}

// -- states of the host --------------------------------------------------------

void klipper_model::shut_down(std::string reason) {
  if (state_ == klippy_state::disconnected || state_ == klippy_state::shutdown)
    return;
  respond("// Klipper state: Shutdown");
  // Klipper marks a broken-off print as paused, although nothing can resume it.
  if (sdcard_.active) {
    sdcard_.active = false;
    stats_.state = "paused";
    paused_at_ = now_;
  }
  finish_job("klippy_shutdown");
  turn_off_heaters();
  state_ = klippy_state::shutdown;
  state_message_ =
      std::move(reason)
      + "\nOnce the underlying issue is corrected, use the\n\"FIRMWARE_RESTART\" command "
        "to reset the firmware, reload the\nconfig, and restart the host software.\n"
        "Printer is shutdown\n";
  busy_until_ = now_;
  if (running_)
    finish_script(true, state_message_);
  for (auto& waiting : queue_)
    results_.push_back({waiting.token, true, state_message_});
  queue_.clear();
}

void klipper_model::disconnect() {
  finish_job("klippy_disconnect");
  turn_off_heaters();
  clear_job();
  is_paused_ = false;
  homed_axes_.clear();
  display_progress_.reset();
  display_message_.clear();
  active_until_.reset();
  busy_until_ = now_;
  if (running_)
    results_.push_back({running_->token, true, {}});
  running_.reset();
  for (auto& waiting : queue_)
    results_.push_back({waiting.token, true, {}});
  queue_.clear();
  state_ = klippy_state::disconnected;
  state_message_ = "Klippy Host not connected";
}

void klipper_model::set_state(klippy_state state, std::string message) {
  state_ = state;
  state_message_ = std::move(message);
}

void klipper_model::fail_print(const std::string& message) {
  if (!sdcard_.active)
    return;
  respond("!! " + message);
  busy_until_ = now_;
  close_print("error", message);
}

void klipper_model::rewind(double share) {
  const auto back = static_cast<uint64_t>(static_cast<double>(sdcard_.size) * share);
  const auto found = files_.open(sdcard_.path) ? sdcard_.position - std::min(back, sdcard_.position)
                                               : sdcard_.position;
  if (!lines_ || found == sdcard_.position)
    return;
  auto again = std::make_unique<gcode_lines>(files_.open(sdcard_.path));
  while (again->position() < found && again->next()) {
    // Skips the lines before the wanted position.
  }
  lines_ = std::move(again);
  line_left_ = printer_time(0);
  sdcard_.position = lines_->position();
}

void klipper_model::turn_off_heaters() {
  extruder_.set_target(now_, 0);
  bed_.set_target(now_, 0);
}

// -- events --------------------------------------------------------------------

void klipper_model::emit(klipper_event::kind what, std::string text, std::string requested) {
  events_.push_back({what, now_, std::move(text), std::move(requested), origin_});
}

void klipper_model::respond(std::string text) {
  emit(klipper_event::kind::gcode_response, std::move(text));
}

std::vector<klipper_event> klipper_model::take_events() {
  return std::exchange(events_, {});
}

std::vector<script_result> klipper_model::take_results() {
  return std::exchange(results_, {});
}

} // namespace gantry::sim
