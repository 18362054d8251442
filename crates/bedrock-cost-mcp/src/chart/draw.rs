//! Draws a chart by `plotters`, with a font that is in the program.

use super::{Chart, NotDrawn, Shape, Unit};
use plotters::{
    chart::ChartBuilder,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{PathElement, Rectangle},
    prelude::BitMapBackend,
    style::{
        Color, FontStyle, IntoFont, RGBColor, TextStyle, WHITE, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use std::sync::OnceLock;

/// Noto Sans, its Latin letters, digits and marks (SIL Open Font License 1.1).
static FONT: &[u8] = include_bytes!("NotoSans.ttf");
const FAMILY: &str = "sans-serif";

// All lengths are pixels.
const WIDTH: i32 = 760;
const HEIGHT: i32 = 400;
const MARGIN: i32 = 14;
const TITLE_HEIGHT: i32 = 40;
const BAR_PITCH: i32 = 30;
const BAR_THICKNESS: i32 = 20;
/// Names of bars end here, and amounts begin this far before the right edge.
const NAMES_END: i32 = 268;
const AMOUNTS: i32 = 96;
const LEGEND_PITCH: i32 = 20;
/// Where a name of the legend begins.
const LEGEND_COLUMNS: [i32; 2] = [MARGIN, WIDTH / 2];
const TITLE_SIZE: i32 = 18;
const TEXT_SIZE: i32 = 15;
/// Places on the time axis that are named.
const PLACES_NAMED: usize = 10;
/// Part of a place that its column leaves free on each side.
const GAP: f64 = 0.12;

const INK: RGBColor = RGBColor(31, 35, 40);
const LINE: RGBColor = RGBColor(208, 215, 222);
/// The colours of Okabe and Ito, which colour-blind eyes tell apart, and grey for the rest.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(140, 149, 159),
];

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Draws a chart whose names can be told apart.
pub(super) fn png(chart: &Chart) -> Result<Vec<u8>, NotDrawn> {
    with_font()?;
    let height = match &chart.shape {
        Shape::Bars(bars) => TITLE_HEIGHT + BAR_PITCH * rows(bars.len(), 1) + MARGIN,
        Shape::Columns { series, .. } => HEIGHT + legend_height(series.len()),
    };
    let (width, height) = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let mut pixels = vec![0; (width * height * 3) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        area.fill(&WHITE).map_err(not_drawn)?;
        write(
            &area,
            &chart.title,
            (MARGIN, TITLE_HEIGHT / 2),
            TITLE_SIZE,
            HPos::Left,
        )?;
        match &chart.shape {
            Shape::Bars(bars) => draw_bars(&area, bars, chart.unit)?,
            Shape::Columns { places, series } => draw_columns(&area, places, series, chart.unit)?,
        }
        area.present().map_err(not_drawn)?;
    }
    encode(&pixels, width, height)
}

fn with_font() -> Result<(), NotDrawn> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let read = *REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    if read {
        Ok(())
    } else {
        Err(NotDrawn("the font cannot be read".to_owned()))
    }
}

/// A bar for each name; what is below zero goes to the left.
fn draw_bars(area: &Area<'_>, bars: &[(String, Decimal)], unit: Unit) -> Result<(), NotDrawn> {
    let most = bars
        .iter()
        .map(|(_, amount)| to_float(*amount))
        .fold(0.0, f64::max);
    let least = bars
        .iter()
        .map(|(_, amount)| to_float(*amount))
        .fold(0.0, f64::min);
    let room = f64::from(WIDTH - NAMES_END - AMOUNTS - MARGIN);
    let place = |amount: f64| {
        let part = if most > least {
            (amount - least) / (most - least)
        } else {
            0.0
        };
        NAMES_END + MARGIN + pixel(part * room)
    };
    let zero = place(0.0);
    for (row, (name, amount)) in (0..).zip(bars) {
        let middle = TITLE_HEIGHT + BAR_PITCH * row + BAR_PITCH / 2;
        let end = place(to_float(*amount));
        write(
            area,
            &fitting(name, NAMES_END - MARGIN)?,
            (NAMES_END, middle),
            TEXT_SIZE,
            HPos::Right,
        )?;
        let corners = [
            (zero.min(end), middle - BAR_THICKNESS / 2),
            (
                zero.max(end).max(zero.min(end) + 1),
                middle + BAR_THICKNESS / 2,
            ),
        ];
        let colour = if *amount < Decimal::ZERO {
            colour(5)
        } else {
            colour(0)
        };
        area.draw(&Rectangle::new(corners, colour.filled()))
            .map_err(not_drawn)?;
        let beside = (zero.max(end) + MARGIN / 2, middle);
        write(area, &unit.label(*amount), beside, TEXT_SIZE, HPos::Left)?;
    }
    let axis = vec![
        (zero, TITLE_HEIGHT),
        (zero, TITLE_HEIGHT + BAR_PITCH * rows(bars.len(), 1)),
    ];
    area.draw(&PathElement::new(axis, INK.stroke_width(1)))
        .map_err(not_drawn)
}

/// Columns over time, their parts on each other: what is above zero upwards, what is below it downwards.
fn draw_columns(
    area: &Area<'_>,
    places: &[String],
    series: &[(String, Vec<Decimal>)],
    unit: Unit,
) -> Result<(), NotDrawn> {
    let mut parts = Vec::new();
    let (mut least, mut most) = (0.0_f64, 0.0_f64);
    for (place, left) in (0..places.len()).zip(0_u32..) {
        let (mut below, mut above) = (Decimal::ZERO, Decimal::ZERO);
        for (index, (_, amounts)) in series.iter().enumerate() {
            let amount = amounts.get(place).copied().unwrap_or_default();
            let end = if amount < Decimal::ZERO {
                &mut below
            } else {
                &mut above
            };
            let begin = *end;
            *end += amount;
            let left = f64::from(left);
            let corners = [
                (left + GAP, to_float(begin)),
                (left + 1.0 - GAP, to_float(*end)),
            ];
            parts.push(Rectangle::new(corners, colour(index).filled()));
        }
        least = least.min(to_float(below));
        most = most.max(to_float(above));
    }
    if most <= least {
        most = least + 1.0;
    }
    let (plot, legend) = area
        .margin(TITLE_HEIGHT, 0, 0, 0)
        .split_vertically(HEIGHT - TITLE_HEIGHT);
    let text = (FAMILY, TEXT_SIZE).into_font().color(&INK);
    let end = places.len().to_f64().unwrap_or_default().max(1.0);
    let mut chart = ChartBuilder::on(&plot)
        .margin(MARGIN)
        .x_label_area_size(24)
        .y_label_area_size(66)
        .build_cartesian_2d(0.0..end, least..most * 1.05)
        .map_err(not_drawn)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .bold_line_style(LINE)
        .light_line_style(WHITE)
        .axis_style(LINE)
        .y_labels(6)
        .label_style(text)
        .y_label_formatter(&|amount| {
            unit.label(Decimal::from_f64_retain(*amount).unwrap_or_default())
        })
        .draw()
        .map_err(not_drawn)?;
    chart.draw_series(parts).map_err(not_drawn)?;
    let step = places.len().div_ceil(PLACES_NAMED).max(1);
    for (index, name) in places.iter().enumerate().step_by(step) {
        let middle = index.to_f64().unwrap_or_default() + 0.5;
        let (x, _) = chart.backend_coord(&(middle, least));
        let below = (x, HEIGHT - MARGIN - 10);
        write(area, name, below, TEXT_SIZE, HPos::Center)?;
    }
    if series.len() > 1 {
        draw_legend(&legend, series.iter().map(|(name, _)| name))?;
    }
    Ok(())
}

fn draw_legend<'n>(
    area: &Area<'_>,
    names: impl Iterator<Item = &'n String>,
) -> Result<(), NotDrawn> {
    for (index, name) in names.enumerate() {
        let left = LEGEND_COLUMNS
            .get(index % LEGEND_COLUMNS.len())
            .copied()
            .unwrap_or(MARGIN);
        let middle = LEGEND_PITCH * rows(index, LEGEND_COLUMNS.len()) + LEGEND_PITCH / 2;
        let square = [(left, middle - 6), (left + 12, middle + 6)];
        area.draw(&Rectangle::new(square, colour(index).filled()))
            .map_err(not_drawn)?;
        let room = WIDTH / 2 - 2 * MARGIN - 20;
        write(
            area,
            &fitting(name, room)?,
            (left + 20, middle),
            TEXT_SIZE,
            HPos::Left,
        )?;
    }
    Ok(())
}

fn legend_height(series: usize) -> i32 {
    if series < 2 {
        return 0;
    }
    LEGEND_PITCH * rows(series + 1, LEGEND_COLUMNS.len()) + MARGIN / 2
}

/// Full rows that some things fill.
fn rows(things: usize, in_a_row: usize) -> i32 {
    i32::try_from(things / in_a_row).unwrap_or(i32::MAX)
}

fn write(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: i32,
    anchor: HPos,
) -> Result<(), NotDrawn> {
    let style = TextStyle::from((FAMILY, size).into_font())
        .color(&INK)
        .pos(Pos::new(anchor, VPos::Center));
    area.draw_text(text, &style, at).map_err(not_drawn)
}

/// A text no wider than this many pixels; its middle is left out where it is longer, since ids differ at both ends.
fn fitting(text: &str, room: i32) -> Result<String, NotDrawn> {
    let font = (FAMILY, TEXT_SIZE).into_font();
    let letters: Vec<char> = text.chars().collect();
    let mut kept = letters.len();
    loop {
        let shown: String = if kept == letters.len() {
            text.to_owned()
        } else {
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            letters
                .iter()
                .take(head)
                .chain(&['…'])
                .chain(letters.iter().skip(letters.len() - tail))
                .collect()
        };
        let (width, _) = font.box_size(&shown).map_err(not_drawn)?;
        if kept == 0 || i64::from(width) <= i64::from(room) {
            return Ok(shown);
        }
        kept -= 1;
    }
}

fn colour(index: usize) -> RGBColor {
    let last = COLOURS.len() - 1;
    COLOURS.get(index.min(last)).copied().unwrap_or(INK)
}

/// A place in the picture: nothing is computed from it.
fn to_float(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or_default()
}

fn pixel(length: f64) -> i32 {
    length.round().to_i32().unwrap_or_default()
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, NotDrawn> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().map_err(not_drawn)?;
    writer.write_image_data(pixels).map_err(not_drawn)?;
    writer.finish().map_err(not_drawn)?;
    Ok(out)
}

fn not_drawn(error: impl std::fmt::Display) -> NotDrawn {
    NotDrawn(error.to_string())
}
