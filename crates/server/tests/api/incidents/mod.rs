mod timeline;
