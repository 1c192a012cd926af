use png::Decoder;

use super::*;

const TEXT: &str = "otpauth://totp/WolfPal:a%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=WolfPal";

/// The pixels of a data URL, `true` for dark, by an independent decoder of base64 and PNG.
fn pixels(url: &str) -> Vec<Vec<bool>> {
    let file = BASE64.decode(url.strip_prefix("data:image/png;base64,").unwrap().as_bytes()).unwrap();
    let mut decoder = Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((frame.color_type, frame.width), (ColorType::Grayscale, frame.height));
    bytes.chunks(frame.line_size).map(|line| line.iter().map(|level| *level == 0).collect()).collect()
}

#[test]
fn every_module_is_a_square_in_a_light_frame() {
    let symbol = symbol(TEXT).unwrap();
    let pixels = pixels(&data_url(TEXT).unwrap());
    assert_eq!(pixels.len(), (symbol.width() + 8) * SCALE);
    for (y, line) in pixels.iter().enumerate() {
        for (x, dark) in line.iter().enumerate() {
            let (x, y) = ((x / SCALE).wrapping_sub(QUIET), (y / SCALE).wrapping_sub(QUIET));
            let inside = x < symbol.width() && y < symbol.width();
            assert_eq!(*dark, inside && symbol[(x, y)] == Color::Dark, "module {x} {y}");
        }
    }
}

/// The middle line of a finder pattern, seen from the left: dark and light in the ratio 1:1:3:1:1, not
/// mirrored and not inverted (ISO/IEC 18004 section 6.3.3).
#[test]
fn a_reader_finds_the_corners() {
    let pixels = pixels(&data_url(TEXT).unwrap());
    let last = pixels.len() / SCALE;
    let module = |x: usize, y: usize| pixels[y * SCALE][x * SCALE];
    for (left, top, there) in
        [(4, 4, true), (last - 11, 4, true), (4, last - 11, true), (last - 11, last - 11, false)]
    {
        let line: Vec<bool> = (0..7).map(|x| module(left + x, top + 3)).collect();
        assert_eq!(line == [true, false, true, true, true, false, true], there, "{left} {top}");
    }
}

#[test]
fn long_texts_fit_until_no_symbol_is_large_enough() {
    assert!(data_url(&"x".repeat(2_331)).is_some());
    assert!(data_url(&"x".repeat(2_953)).is_some());
    assert!(data_url(&"x".repeat(2_954)).is_none());
}
