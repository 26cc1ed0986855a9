-- Who ever signed in on a device: what is typed there is no stranger's guess. Outlives sessions, goes with the device.
CREATE TABLE sign_ins (
  device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  operator TEXT NOT NULL,
  PRIMARY KEY (device, operator)
) STRICT, WITHOUT ROWID;
INSERT INTO sign_ins (device, operator) SELECT DISTINCT device, operator FROM sessions;
