#include "rules/dispatch.hpp"

#include "rules/print_account.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <cctype>

namespace gantry::rules {

namespace {

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

std::string wanted_text(const colour_rule& rule) {
  std::string text;
  for (const auto& colour : rule.colours)
    text += (text.empty() ? "" : " or ") + colour;
  return rule.match == colour_match::none_of ? "any but " + text : text;
}

std::string loaded_materials(const printer& where) {
  std::string text;
  for (const auto& slot : where.setup.slots)
    if (!slot.material.empty())
      text += (text.empty() ? "" : ", ") + slot.material;
  return text.empty() ? "nothing" : text;
}

/// A print state in which a start cannot destroy anything.
bool startable(print_state state) {
  return state == print_state::standby || state == print_state::complete
         || state == print_state::cancelled || state == print_state::error;
}

} // namespace

bool colour_fits(const colour_rule& rule, const std::string& loaded) {
  const bool listed = std::ranges::any_of(rule.colours, [&loaded](const std::string& colour) {
    return std::ranges::equal(colour, loaded, same_letter);
  });
  switch (rule.match) {
  case colour_match::any:
    return true;
  case colour_match::exact:
  case colour_match::any_of:
    return !loaded.empty() && listed;
  case colour_match::none_of:
    // An unknown colour might be the unwanted one.
    return !loaded.empty() && !listed;
  }
  return false;
}

bool same_file(const std::string& reported, const std::string& file) {
  return !file.empty() && std::ranges::equal(reported, file, same_letter);
}

std::optional<objection> objection_to_printer(const printer& where) {
  const auto& name = where.setup.name;
  switch (where.mode) {
  case printer_mode::active:
    break;
  case printer_mode::maintenance:
    return objection{reason::printer_in_maintenance, {{"printer", name}}};
  case printer_mode::quarantined: {
    // What a ticket asks a person for replaces the printer's own attention.
    objection no{reason::printer_quarantined, {{"printer", name}, {"count", "several"}}};
    if (where.attention == reason::printer_quarantined)
      no.params = where.attention_params;
    return no;
  }
  case printer_mode::retired:
    return objection{reason::printer_retired, {{"printer", name}}};
  }
  if (where.unreconciled)
    return objection{reason::printer_unreconciled, {{"printer", name}}};
  if (where.ticket && where.ticket->phase == ticket_phase::attention)
    return objection{reason::printer_needs_attention,
                     {{"printer", name}, {"run", where.ticket->run.value}}};
  if (where.ticket && !GANTRY_DEFECT("INV-03"))
    return objection{reason::printer_busy, {{"printer", name}, {"run", where.ticket->run.value}}};
  if (where.foreign)
    return objection{reason::printer_foreign_print,
                     {{"printer", name}, {"file", where.foreign->file}}};
  if (where.bed == bed_state::occupied)
    return objection{reason::bed_not_clear, {{"printer", name}}};
  if (where.bed == bed_state::unknown)
    return objection{reason::bed_unknown, {{"printer", name}}};
  return std::nullopt;
}

std::optional<objection> objection_to_report(const printer& where, const device_report& report,
                                             const settings& rules) {
  const auto& name = where.setup.name;
  if (!report.observed_at && report.link != link_state::offline)
    return objection{reason::printer_no_report_yet, {{"printer", name}}};
  if (report.link != link_state::online)
    return objection{reason::printer_unreachable,
                     {{"printer", name}, {"detail", report.link_detail}}};
  if (report.firmware != firmware_state::ready)
    return objection{reason::printer_not_ready,
                     {{"printer", name},
                      {"state", std::string{name_of(report.firmware)}},
                      {"detail", report.firmware_detail}}};
  if (report.print == print_state::printing || report.print == print_state::paused
      || report.is_active)
    return objection{reason::printer_foreign_print, {{"printer", name}, {"file", report.file}}};
  if (report.is_paused)
    return objection{reason::printer_paused_without_print, {{"printer", name}}};
  if (!startable(report.print))
    return objection{reason::printer_no_report_yet, {{"printer", name}}};
  if (!prints_accounted(where, report))
    return objection{reason::printer_history_unread, {{"printer", name}}};
  if (report.ready_for_ms < rules.settle_after_ready_s * 1000)
    return objection{reason::printer_settling, {{"printer", name}}};
  return std::nullopt;
}

std::optional<objection> objection_to_match(const printer& where, const dispatch_need& need) {
  const auto& name = where.setup.name;
  if (!need.how || !need.slicing || !need.how->current())
    return objection{reason::profile_unknown, {{"profile", "of the plan"}}};
  const auto& slicing = *need.slicing;
  // The toolpath was made for a bed of exactly this shape; centring on another bed is another plan.
  if (where.setup.volume.x_um != slicing.bed.x_um || where.setup.volume.y_um != slicing.bed.y_um)
    return objection{reason::profile_mismatch,
                     {{"printer", name},
                      {"wanted", slicing.bed.text()},
                      {"offered", where.setup.volume.text()}}};
  if (need.how->current()->estimate.height_um > where.setup.volume.z_um
      || need.how->size.z_um > where.setup.volume.z_um)
    return objection{reason::volume_too_small,
                     {{"printer", name},
                      {"wanted", need.how->size.text()},
                      {"offered", where.setup.volume.text()}}};
  const auto with_material = [&need](const filament_slot& slot) {
    return std::ranges::equal(slot.material, need.how->material, same_letter)
           && !slot.material.empty();
  };
  if (std::ranges::none_of(where.setup.slots, with_material))
    return objection{
        reason::material_mismatch,
        {{"printer", name}, {"wanted", need.how->material}, {"loaded", loaded_materials(where)}}};
  objection best{reason::nozzle_mismatch, {{"printer", name}}};
  for (const auto& slot : where.setup.slots) {
    if (!with_material(slot))
      continue;
    if (!colour_fits(need.how->colour, slot.colour)) {
      best = {reason::colour_mismatch,
              {{"printer", name},
               {"wanted", wanted_text(need.how->colour)},
               {"loaded", slot.colour.empty() ? "unknown" : slot.colour}}};
    } else if (slot.nozzle_um != slicing.nozzle_um) {
      best = {reason::nozzle_mismatch,
              {{"printer", name},
               {"wanted", std::to_string(slicing.nozzle_um)},
               {"loaded", std::to_string(slot.nozzle_um)}}};
    } else {
      return std::nullopt;
    }
  }
  return best;
}

std::optional<objection> objection_to_dispatch(const printer& where, const device_report& report,
                                               const dispatch_need& need, const settings& rules) {
  if (auto no = objection_to_printer(where))
    return no;
  if (auto no = objection_to_report(where, report, rules))
    return no;
  return objection_to_match(where, need);
}

} // namespace gantry::rules
