// Goal: prints take the time, the filament and the layers that their G-code says.
// Method: slicer excerpts and small prints run in virtual time.

#include "hal/sim/gcode_file.hpp"
#include "hal/sim/multipart_reader.hpp"
#include "tests/sim/device_fixture.hpp"

namespace gantry::sim::test {

BOOST_AUTO_TEST_SUITE(device_physics)

BOOST_AUTO_TEST_CASE(the_notes_of_a_slicer_become_metadata) {
  printer_fixture printer;
  printer.upload("plate.gcode", read_data("slicing/prusaslicer25_gcode_excerpt.gcode"));
  const auto data =
      printer.call("GET", "/server/files/metadata?filename=plate.gcode").body()["result"];
  BOOST_TEST(data["slicer"] == "PrusaSlicer");
  BOOST_TEST(data["slicer_version"] == "2.5.0");
  BOOST_TEST(data["estimated_time"] == 33 * 60 + 25);
  BOOST_TEST(data["filament_total"] == 2512.99);
  BOOST_TEST(data["filament_weight_total"] == 7.5);
  BOOST_TEST(data["layer_count"] == 60);
  BOOST_TEST(data["job_id"].is_null());
}

BOOST_AUTO_TEST_CASE(the_notes_of_several_materials_are_added_up) {
  printer_fixture printer;
  printer.upload("mmu.gcode", read_data("slicing/prusaslicer25_mmu_excerpt.gcode"));
  const auto data =
      printer.call("GET", "/server/files/metadata?filename=mmu.gcode").body()["result"];
  BOOST_TEST(data["estimated_time"] == 2 * 3600 + 17 * 60 + 7);
  BOOST_TEST(data["filament_total"].get<double>() == 9507.82, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_sliced_plate_takes_the_time_its_slicer_estimated) {
  printer_fixture printer;
  printer.upload("plate.gcode", read_data("slicing/prusaslicer25_gcode_excerpt.gcode"));
  printer.start("plate.gcode");
  printer.run(1h);
  const auto stats = printer.objects("print_stats")["print_stats"];
  BOOST_TEST(stats["state"] == "complete");
  // Heating the bed to 65 and the nozzle to 215 comes on top of the estimate.
  const double total_s = stats["total_duration"];
  BOOST_TEST(total_s > 2005.0 + 25);
  BOOST_TEST(total_s < 2005.0 + 120);
  BOOST_TEST(stats["print_duration"].get<double>() > 100.0);
  // The excerpt ends with a retraction, which Klipper subtracts.
  BOOST_TEST(stats["filament_used"].get<double>() == -1.26461, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(stats["info"]["current_layer"] == 1);
}

BOOST_AUTO_TEST_CASE(a_speed_factor_shortens_the_wait_but_not_the_print) {
  device_options options;
  options.speed = 60;
  printer_fixture printer(options);
  printer.upload("plate.gcode", read_data("slicing/prusaslicer25_gcode_excerpt.gcode"));
  printer.start("plate.gcode");
  printer.run(40s);
  const auto stats = printer.objects("print_stats")["print_stats"];
  BOOST_TEST(stats["state"] == "complete");
  BOOST_TEST(stats["total_duration"].get<double>() > 2005.0);
}

BOOST_AUTO_TEST_CASE(moves_without_an_estimate_take_their_length_over_their_speed) {
  printer_fixture printer;
  printer.upload("line.gcode", "G90\nM83\nG1 X0 Y0 F6000\nG1 X100 E5 F600\nG1 X0 E5 F600\n");
  printer.start("line.gcode");
  printer.run(9s);
  auto stats = printer.objects("print_stats&virtual_sdcard&toolhead");
  BOOST_TEST(stats["print_stats"]["state"] == "printing");
  BOOST_TEST(stats["print_stats"]["filament_used"].get<double>() > 4.0);
  printer.run(20s);
  stats = printer.objects("print_stats&virtual_sdcard");
  BOOST_TEST(stats["print_stats"]["state"] == "complete");
  BOOST_TEST(stats["print_stats"]["filament_used"].get<double>() == 10.0,
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(stats["print_stats"]["print_duration"].get<double>() == 20.0,
             boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(a_last_line_without_its_end_is_lost) {
  printer_fixture printer;
  printer.upload("cut.gcode", "G90\nM83\nG1 X10 E1 F600\nG1 X20 E7 F600");
  printer.start("cut.gcode");
  printer.run(10s);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["filament_used"].get<double>() == 1.0,
             boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(heating_takes_time_and_blocks_other_commands) {
  printer_fixture printer;
  printer.upload("cube.gcode", cube_gcode());
  printer.start("cube.gcode");
  printer.run(5s);
  const auto heating = printer.objects("heater_bed&extruder&print_stats");
  BOOST_TEST(heating["heater_bed"]["target"] == 60.0);
  BOOST_TEST(heating["heater_bed"]["temperature"].get<double>() < 40.0);
  BOOST_TEST(heating["print_stats"]["print_duration"] == 0.0);
  const auto pause = printer.call("POST", "/printer/print/pause");
  BOOST_TEST(pause.status == 200);
  BOOST_TEST(bool(printer.waited > 10s));
  const auto paused = printer.objects("heater_bed&pause_resume&print_stats&virtual_sdcard");
  BOOST_TEST(paused["heater_bed"]["temperature"].get<double>() > 58.0);
  BOOST_TEST(paused["pause_resume"]["is_paused"] == true);
  BOOST_TEST(paused["print_stats"]["state"] == "paused");
  BOOST_TEST(paused["virtual_sdcard"]["is_active"] == false);
}

BOOST_AUTO_TEST_CASE(progress_follows_the_file_position_up_to_the_end) {
  printer_fixture printer;
  printer.upload("long.gcode", long_gcode());
  printer.start("long.gcode");
  double last = 0;
  for (int i = 0; i < 60; ++i) {
    printer.run(10s);
    const auto card = printer.objects("virtual_sdcard")["virtual_sdcard"];
    BOOST_TEST(card["progress"].get<double>() >= last);
    last = card["progress"];
  }
  BOOST_TEST(last == 1.0);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["info"]["current_layer"] == 60);
  BOOST_TEST(json::parse(printer.device.bed_json())["items"][0]["state"] == "complete");
}

BOOST_AUTO_TEST_CASE(a_subscriber_hears_each_sample_of_a_printed_half_hour) {
  printer_fixture printer;
  const auto client = printer.connect();
  printer.rpc(client, "printer.objects.subscribe",
              {{"objects", {{"print_stats", nullptr}, {"virtual_sdcard", nullptr}}}});
  printer.upload("plate.gcode", read_data("slicing/prusaslicer25_gcode_excerpt.gcode"));
  printer.start("plate.gcode");
  printer.run(33min);
  BOOST_TEST(printer.notifications(client, "notify_status_update").size() > 7000u);
}

BOOST_AUTO_TEST_CASE(a_multipart_body_reads_the_same_in_any_slicing) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\na/b\r\n--b\r\n"
      "Content-Disposition: form-data; name=\"file\"; filename=\"x;y.gcode\"\r\n\r\n"
      "G28\r\n--bG1\n\r\n--b--\r\n";
  for (size_t slice = 1; slice < body.size(); ++slice) {
    std::string seen;
    multipart_reader reader("b", {[&](auto name, auto file) {
                                    seen += "[" + std::string(name) + "|" + std::string(file) + "]";
                                  },
                                  [&](auto bytes) { seen += bytes; }});
    bool ok = true;
    for (size_t at = 0; at < body.size(); at += slice)
      ok = reader.feed(std::string_view(body).substr(at, slice)) && ok;
    // "\r\n--b" followed by other text is not this boundary's end, so such a body is refused.
    BOOST_TEST(!ok);
    BOOST_TEST(seen.starts_with("[path|]a/b[file|x;y.gcode]G28"));
  }
}

BOOST_AUTO_TEST_CASE(commands_are_parsed_with_comments_and_quotes) {
  const auto move = parse_gcode("g1 X10.5 Y-3 E.04 ; comment");
  BOOST_TEST(move->name == "G1");
  BOOST_TEST(*move->number("X") == 10.5);
  BOOST_TEST(*move->number("E") == 0.04);
  const auto start = parse_gcode("SDCARD_PRINT_FILE FILENAME=\"a b;c.gcode\"");
  BOOST_TEST(start->text("FILENAME") == "a b;c.gcode");
  BOOST_TEST(!parse_gcode("; only a comment").has_value());
  BOOST_TEST(!parse_gcode("G1 Xnan")->number("X").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace gantry::sim::test
