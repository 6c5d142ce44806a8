"""Every sentence a person may read, gathered from where it is written, to be read again in plain French."""
