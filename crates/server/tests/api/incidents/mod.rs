mod corrections;
mod timeline;
