-- Writes the whole file anew, so that no unused space keeps old bytes.
VACUUM;
