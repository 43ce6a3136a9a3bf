use std::{
    io::Cursor,
    time::{Duration, Instant},
};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use sha2::{Digest, Sha256};

use super::{survey::Survey, *};

const RED: Rgb<u8> = Rgb([220, 30, 30]);
const GREEN: Rgb<u8> = Rgb([30, 180, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 220]);
const YELLOW: Rgb<u8> = Rgb([240, 220, 40]);

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/photos/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn taken(name: &str) -> Square {
    renditions(&fixture(name)).unwrap_or_else(|rejection| panic!("{name}: {rejection}"))
}

fn reason(bytes: &[u8]) -> &'static str {
    match renditions(bytes) {
        Ok(_) => "taken",
        Err(Rejection::NotAnImage) => "not an image",
        Err(Rejection::UnsupportedFormat) => "unsupported",
        Err(Rejection::TooSmall { .. }) => "too small",
        Err(Rejection::TooLarge { .. }) => "too large",
    }
}

fn pixels(rendition: &Rendition) -> RgbImage {
    image::load_from_memory_with_format(&rendition.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// The middle of each quarter of the largest rendition: above left, right, below left, right.
fn quarters(square: &Square) -> [Rgb<u8>; 4] {
    let picture = pixels(&square.renditions[0]);
    let (near, far) = (square.side / 4, square.side * 3 / 4);
    [(near, near), (far, near), (near, far), (far, far)].map(|(x, y)| *picture.get_pixel(x, y))
}

fn assert_alike(name: &str, seen: [Rgb<u8>; 4], expected: [Rgb<u8>; 4]) {
    for (seen, expected) in seen.iter().zip(expected) {
        let far = seen.0.iter().zip(expected.0).any(|(a, b)| a.abs_diff(b) > 8);
        assert!(!far, "{name}: {seen:?} instead of {expected:?}");
    }
}

fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn jpeg_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture.into()).unwrap();
    bytes
}

/// Four quarters, in any size.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => YELLOW,
    })
}

/// An EXIF block that contains only the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = jpeg.split_at(2);
    [start, &[0xff, marker], &length, content, rest].concat()
}

#[test]
fn every_kind_of_jpeg_and_png_shows_its_colours() {
    let all = [RED, GREEN, BLUE, YELLOW];
    let half_black = Rgb([127, 127, 0]);
    let white = Rgb([255; 3]);
    for (name, expected) in [
        ("100x100.png", all),
        ("photo.jpg", all),
        ("progressive.jpg", all),
        ("grey.jpg", [Rgb([87; 3]), Rgb([118; 3]), Rgb([52; 3]), Rgb([205; 3])]),
        ("16bit.png", all),
        ("palette.png", all),
        ("interlaced.png", all),
        ("animated.png", all),
        ("cmyk.jpg", [RED, GREEN, BLUE, half_black]),
        ("ycck.jpg", [RED, GREEN, BLUE, half_black]),
        ("transparent.png", [white, GREEN, Rgb([142, 142, 237]), YELLOW]),
        ("gps.jpg", [BLUE, RED, YELLOW, GREEN]),
    ] {
        assert_alike(name, quarters(&taken(name)), expected);
    }
}

#[test]
fn a_rejection_has_the_right_reason() {
    for (name, expected) in [
        ("99x100.png", "too small"),
        ("bomb.png", "too large"),
        ("bomb.jpg", "too large"),
        ("animation.gif", "unsupported"),
        ("photo.webp", "unsupported"),
        ("drawing.svg", "unsupported"),
        ("html.png", "not an image"),
        ("truncated.jpg", "not an image"),
        ("truncated.png", "not an image"),
    ] {
        assert_eq!(reason(&fixture(name)), expected, "{name}");
    }
}

#[test]
fn nothing_is_scaled_up_and_no_size_comes_twice() {
    for (width, height, expected) in [
        (100, 100, &[100, 64][..]),
        (100, 300, &[100, 64]),
        (128, 200, &[128, 64]),
        (300, 301, &[300, 256, 128, 64]),
        (512, 512, &[512, 256, 128, 64]),
        (513, 700, &[512, 256, 128, 64]),
        (2049, 2050, &[512, 256, 128, 64]),
    ] {
        let square = renditions(&png_of(picture(width, height))).unwrap();
        let sides: Vec<_> = square.renditions.iter().map(|r| r.side).collect();
        assert_eq!(sides, expected);
        assert_eq!(square.side, expected[0]);
        for rendition in &square.renditions {
            assert_eq!(pixels(rendition).dimensions(), (rendition.side, rendition.side));
        }
        assert_alike("size", quarters(&square), [RED, GREEN, BLUE, YELLOW]);
    }
}

#[test]
fn the_centre_is_kept() {
    let stripes = |along: fn(u32, u32) -> u32| {
        move |x, y| match along(x, y) {
            0..1000 => RED,
            1000..2200 => GREEN,
            _ => BLUE,
        }
    };
    let wide = RgbImage::from_fn(3200, 1200, stripes(|x, _| x));
    let tall = RgbImage::from_fn(1200, 3200, stripes(|_, y| y));
    for photo in [png_of(wide), jpeg_of(tall)] {
        let picture = pixels(&renditions(&photo).unwrap().renditions[0]);
        for at in [2, 255, 509] {
            for (x, y) in [(at, 255), (255, at)] {
                assert_alike("centre", [*picture.get_pixel(x, y); 4], [GREEN; 4]);
            }
        }
    }
}

#[test]
fn a_photo_stands_upright_however_the_camera_was_held() {
    let jpeg = jpeg_of(picture(240, 160));
    for (orientation, expected) in [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
        (0, [RED, GREEN, BLUE, YELLOW]),
        (9, [RED, GREEN, BLUE, YELLOW]),
    ] {
        let photo = with_segment(&jpeg, 0xe1, &exif(orientation));
        let square = renditions(&photo).unwrap();
        assert_alike(&format!("orientation {orientation}"), quarters(&square), expected);
    }
}

#[test]
fn a_png_may_say_how_the_camera_was_held_too() {
    let png = png_of(picture(120, 120));
    let chunk = png_chunk(*b"eXIf", &exif(3)[6..]);
    let photo = [&png[..33], &chunk, &png[33..]].concat();
    let square = renditions(&photo).unwrap();
    assert_alike("eXIf", quarters(&square), [YELLOW, BLUE, GREEN, RED]);
}

#[test]
fn no_metadata_and_no_appended_data_survives() {
    const SECRET: &[u8] = b"a marker that must not get out";
    let jpeg = jpeg_of(picture(160, 160));
    let mut photos = vec![("gps.jpg", fixture("gps.jpg"))];
    for (name, marker) in [("EXIF", 0xe1), ("ICC", 0xe2), ("IPTC", 0xed), ("comment", 0xfe)] {
        photos.push((name, with_segment(&jpeg, marker, SECRET)));
    }
    photos.push(("behind", [&jpeg[..], SECRET].concat()));
    let png = png_of(picture(160, 160));
    let chunk = png_chunk(*b"tEXt", &[b"Comment\0", SECRET].concat());
    photos.push(("tEXt", [&png[..33], &chunk, &png[33..]].concat()));
    photos.push(("behind", [&png[..], SECRET].concat()));

    for (name, photo) in photos {
        for rendition in renditions(&photo).unwrap().renditions {
            let holds = |bytes: &[u8]| rendition.jpeg.windows(bytes.len()).any(|w| w == bytes);
            for trace in [SECRET, b"Secretcam", b"Exif", b"ICC_PROFILE", b"\xff\xe1", b"GPS"] {
                assert!(!holds(trace), "{name}: {}", String::from_utf8_lossy(trace));
            }
        }
    }
}

#[test]
fn the_name_is_the_largest_rendition() {
    let (first, again) = (taken("photo.jpg"), taken("photo.jpg"));
    assert_eq!(first, again);
    assert_eq!(first.hash.len(), 32);
    assert!(first.hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    assert_ne!(first.hash, taken("gps.jpg").hash);
    let digest = Sha256::digest(&first.renditions[0].jpeg);
    assert!(first.hash.starts_with(&format!("{:02x}{:02x}", digest[0], digest[1])));
}

fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let crc = [&kind[..], data].concat().iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, &kind, data, &(!crc).to_be_bytes()].concat()
}

fn png_header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = png_chunk(*b"IHDR", &[&size[..], &[depth, colour, 0, 0, 0]].concat());
    [&b"\x89PNG\r\n\x1a\n"[..], &header].concat()
}

#[test]
fn bombs_are_refused_by_their_header_alone() {
    let start = Instant::now();
    for (width, height) in [(20_000, 20_000), (65_535, 65_535), (1, u32::MAX >> 1), (40_001, 1_000)] {
        assert_eq!(reason(&png_header(width, height, 16, 6)), "too large");
    }
    assert_eq!(reason(&fixture("bomb.png")), "too large");
    assert_eq!(reason(&fixture("bomb.jpg")), "too large");
    assert_eq!(reason(&vec![0; (5 << 20) + 1]), "too large");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_header_without_a_picture_is_no_image() {
    assert_eq!(reason(&png_header(200, 200, 8, 2)), "not an image");
    assert_eq!(reason(&png_header(0, 0, 8, 2)), "not an image");
    assert_eq!(reason(b"\xff\xd8\xff\xd9"), "not an image");
    assert_eq!(reason(b"\xff\xd8\xff"), "not an image");
}

#[test]
fn limits_are_met_to_the_pixel() {
    let limits = Limits { max_bytes: 100_000, max_pixels: 40_000, max_side: 300, ..Limits::default() };
    let of = |width, height| renditions_within(&png_of(picture(width, height)), &limits).map(|square| square.side);
    assert_eq!(of(200, 200), Ok(200));
    assert_eq!(of(300, 133), Ok(133));
    for (width, height) in [(200, 201), (301, 100)] {
        assert_eq!(of(width, height), Err(limits.exceeded()));
    }
    assert_eq!(of(300, 99), Err(Rejection::TooSmall { min_side: 100 }));
    let bytes = png_of(picture(120, 120));
    let tight = Limits { max_bytes: bytes.len() - 1, ..Limits::default() };
    assert_eq!(renditions_within(&bytes, &tight), Err(tight.exceeded()));
}

#[test]
fn decoding_that_takes_too_much_memory_or_too_many_walks_is_refused() {
    let bytes = fixture("progressive.jpg");
    let survey = Survey::of(&bytes).unwrap();
    assert_eq!((survey.width, survey.height), (320, 240));
    assert_eq!(survey.coefficient_bytes, 320 * 240 * 3 * 2);
    let pixels = 320 * 240 * 3;
    let with = |max_memory_bytes, max_scans| {
        let limits = Limits { max_memory_bytes, max_scans, ..Limits::default() };
        renditions_within(&bytes, &limits).is_ok()
    };
    assert!(with(pixels * 3, survey.scans));
    assert!(!with(pixels * 3 - 1, survey.scans));
    assert!(!with(pixels * 3, survey.scans - 1));
    assert_eq!(Survey::of(&fixture("photo.jpg")).unwrap().coefficient_bytes, 0);
}

#[test]
fn wherever_a_file_is_cut_off_it_is_no_image() {
    for name in ["photo.jpg", "progressive.jpg", "cmyk.jpg", "100x100.png", "animated.png", "interlaced.png"] {
        let bytes = fixture(name);
        for length in (3..bytes.len()).step_by(13).chain([bytes.len() - 1]) {
            assert_eq!(reason(&bytes[..length]), "not an image", "{name} at {length}");
        }
    }
}

#[test]
fn no_damage_makes_it_panic_or_hang() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
    for name in ["photo.jpg", "progressive.jpg", "gps.jpg", "ycck.jpg", "animated.png", "interlaced.png", "palette.png"]
    {
        let whole = fixture(name);
        for _ in 0..30 {
            let mut bytes = whole.clone();
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                bytes[at] = u8::try_from(next(256)).unwrap();
            }
            if let Ok(square) = renditions_within(&bytes, &limits) {
                assert_eq!(pixels(&square.renditions[0]).width(), square.side);
            }
        }
    }
}
