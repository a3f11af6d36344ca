#include "rules/print_account.hpp"

#include "rules/dispatch.hpp"

namespace gantry::rules {

namespace {

bool has_ended(print_state state) {
  return state == print_state::complete || state == print_state::cancelled
         || state == print_state::error;
}

/// The print that `report` shows and that was not taken into account yet.
std::optional<events::printer_job_seen> find_news(const printer& where,
                                                  const device_report& report) {
  const auto& last = where.last_print;
  if (report.history == history_state::read && !report.last_job.empty()
      && report.last_job != last.job) {
    // Moonraker leaves the name out if a print began right after a restart.
    const bool awaited =
        last.job_due
        && (report.last_job_file.empty() || same_file(report.last_job_file, last.file));
    return events::printer_job_seen{report.last_job, awaited ? last.file : report.last_job_file,
                                    !awaited};
  }
  const bool shows_other =
      has_ended(report.print) && !report.file.empty() && !same_file(report.file, last.file);
  // A machine without a history forgets its prints with a restart, those that nobody saw as well.
  const bool has_forgotten = report.history == history_state::absent
                             && report.print == print_state::standby && report.file.empty()
                             && !last.file.empty();
  if (shows_other || has_forgotten)
    return events::printer_job_seen{last.job, report.file, true};
  return std::nullopt;
}

} // namespace

ruling account_for_prints(const printer& where, const device_report& report) {
  ruling answer;
  if (report.link != link_state::online || report.firmware != firmware_state::ready
      || report.history == history_state::unknown)
    return answer;
  auto news = find_news(where, report);
  if (!news)
    return answer;
  answer.event_reason = reason::system_rule;
  if (news->missed && where.bed == bed_state::clear) {
    answer.event_reason = reason::printer_print_missed;
    answer.event_params = {{"printer", where.setup.name},
                           {"file", news->file.empty() ? "something" : news->file}};
  }
  answer.add(ref_of(where.id), std::move(*news));
  return answer;
}

bool prints_accounted(const printer& where, const device_report& report) {
  return report.history != history_state::unknown && !find_news(where, report);
}

} // namespace gantry::rules
