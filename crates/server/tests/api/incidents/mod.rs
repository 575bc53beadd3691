mod close;
mod corrections;
mod import;
mod news;
mod timeline;
