mod corrections;
mod import;
mod timeline;
