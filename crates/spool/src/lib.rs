//! A local, fsynced journal (length + CRC) for agents and whoever must not wait for the server.
