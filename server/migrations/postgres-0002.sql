-- The name of a device's last greeting, of which its token is: whichever node it asks believes it by this.

ALTER TABLE andon.devices ADD COLUMN greeting TEXT COLLATE "C";
