//! Writes the seeds of each target into `corpus/`, as libFuzzer names files: by what is in them.

use std::path::Path;
use std::{fs, io};

use aws_lc_rs::digest::{SHA256, digest};
use studio_acs_fuzz::seeds;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, _) in seeds::TARGETS {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        let seeds = seeds::of(target);
        for seed in &seeds {
            let name: String =
                digest(&SHA256, seed).as_ref().iter().take(20).map(|byte| format!("{byte:02x}")).collect();
            fs::write(folder.join(name), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
